/**
 * What the tests of late scripts and functions share: scripts that do not end, and waiting until one is late.
 */
import assert from 'node:assert/strict'
import type { Call, Reply, RunningServer } from '../support/server.ts'
import { until } from '../support/until.ts'

export const LATE = ['--busy-reply-threshold', '50']
export const ENDLESS = 'while true do end'
/** Ends when the key `stop` is deleted: nobody can do that but a script, so it ends by being killed all the same. */
export const BUSY: Reply = {
  error: 'BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
}
export const BUSY_FUNCTION: Reply = {
  error: 'BUSY Valkey is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.',
}
export const KILLED = /^ERR Error running script|^ERR Script killed by user with SCRIPT KILL\./

export function errorOf(reply: Reply): string {
  assert.ok(typeof reply === 'object' && reply !== null && 'error' in reply, JSON.stringify(reply))
  return reply.error
}

export async function untilBusy(call: Call, busy = BUSY): Promise<void> {
  let reply: Reply = null
  await until(async () => {
    reply = await call('ping')
    return reply !== 'PONG'
  })
  assert.deepEqual(reply, busy)
}

/** Runs `body` while a script of another connection is late; answers what its client got in the end. */
export async function whileBusy(
  server: RunningServer,
  call: Call,
  body: () => Promise<void>,
  script = ENDLESS,
): Promise<Reply> {
  const caller = await server.connect()
  const ended = caller.send('eval', script, '0')
  await untilBusy(call)
  await body()
  const killer = await server.connect()
  assert.equal(await killer.send('script', 'kill'), 'OK')
  const reply = await ended
  await killer.close()
  await caller.close()
  return reply
}

/** Scripts that Valkey cannot stop, and others. */
export const KINDS: Readonly<Record<string, string>> = {
  'an empty loop': 'while true do end',
  'nested protected calls':
    'local function f() return pcall(function() while true do pcall(error, {}) end end) end while true do f() end',
  'a loop of commands': "while true do redis.call('get', 'x') end",
  'a pattern that goes back': "return string.find(string.rep('a', 40), string.rep('a*', 40) .. 'b')",
  'a sort that never agrees':
    'local t = {} for i = 1, 200000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end',
  'a coroutine':
    'local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end',
  'a replacing function':
    "while true do string.gsub(string.rep('x', 100000), 'x', function(c) return c .. c end) end",
  'a long text': "local s = string.rep('ab', 5000000) while true do s:find('abc', 1, true) end",
  'a move of elements': 'local t = {} table.insert(t, 2^31, 1)',
  'a packing': 'local t = {} for i = 1, 100000 do t[i] = i end while true do cmsgpack.pack(t) end',
  'a JSON text':
    'local t = {} for i = 1, 100000 do t[i] = i end while true do cjson.decode(cjson.encode(t)) end',
  'an unpacking': 'local t = {} for i = 1, 7000 do t[i] = i end while true do select("#", unpack(t)) end',
  'a collection of garbage':
    'local t = {} for i = 1, 300000 do t[i] = {} end while true do collectgarbage() end',
  'a concatenation': "local t = {} for i = 1, 500000 do t[i] = 'x' end while true do table.concat(t) end",
}
