/**
 * Scripts that end Valkey 8.1.1, or keep it busy for good, so that there is nothing to compare with: Perilune answers them,
 * and serves the next.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Connection, connect, type RunningServer, startPerilune } from '../support/server.ts'

/** Errors without a text: Valkey prints a text that is not there. */
const WITHOUT_TEXT = /^ERR \(error object is a table value\) script: [0-9a-f]{40}, on @user_script:1\.$/

const SCRIPTS: readonly (readonly [script: string, error: RegExp])[] = [
  ['error({})', WITHOUT_TEXT],
  ['error({1, 2})', WITHOUT_TEXT],
  ['error({err = true})', WITHOUT_TEXT],
  ['error({err = {}})', WITHOUT_TEXT],
  ["error({ok = 'fine'})", WITHOUT_TEXT],
  ['error(KEYS)', WITHOUT_TEXT],
  ["error(setmetatable({}, {__tostring = function() return 'mine' end}))", WITHOUT_TEXT],
  ["error(setmetatable({}, {__tostring = function() error('nested') end}))", WITHOUT_TEXT],
  ['local ok, e = pcall(error, {}) error(e)', WITHOUT_TEXT],
  ['coroutine.wrap(function() error({}) end)()', WITHOUT_TEXT],
  // Reading a field of the error is an error, outside of any pcall.
  ['return setmetatable({}, {__index = error})[1]', /^ERR bad argument #2 to '\?'/],
  // More values than 32 bits can count.
  ['return unpack({1, 2, 3}, 2^31, 3)', /^ERR user_script:1: too many results to unpack/],
  ['return unpack({}, -2^31, 2^31 - 1)', /^ERR user_script:1: too many results to unpack/],
]

let server: RunningServer
let connection: Connection

before(async () => {
  server = await startPerilune()
  connection = await connect(server.port)
})

after(async () => {
  await connection?.close()
  await server?.stop()
})

for (const [script, error] of SCRIPTS) {
  test(script, async () => {
    const reply = await connection.send('EVAL', script, 0)
    assert.match((reply as { error: string }).error, error)
    assert.equal(await connection.send('EVAL', 'return 41 + 1', 0), 42)
  })
}
