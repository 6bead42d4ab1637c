/**
 * Debugging with the real redis-cli and valkey-cli.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { noOracle, type RunningServer, send, startPerilune } from '../support/server.ts'

const SCRIPT = `local visits = redis.call('incr', KEYS[1])
local greeting = 'visit ' .. visits
redis.debug(greeting, ARGV)
redis.breakpoint()
if visits > 1 then
  greeting = greeting .. ' again'
end
return greeting
`

let server: RunningServer

before(async () => {
  server = await startPerilune()
  await writeFile(join(server.dir, 'script.lua'), SCRIPT)
})

after(() => server.stop())

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** What redis-cli prints when a user types these lines into its debugger. */
function ldb(program: string, options: readonly string[], lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const file = join(server.dir, 'script.lua')
    const child = spawn(program, ['-p', String(server.port), ...options, '--eval', file, 'page', ',', 'ann'])
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', () => resolve(printed.replace(COLOURS, '')))
    child.stdin.end(lines.map((line) => `${line}\n`).join(''))
  })
}

const WALK = [
  'Lua debugging session started, please use:',
  'quit    -- End the session.',
  'restart -- Restart the script in debug mode again.',
  'help    -- Show Lua script debugging commands.',
  '',
  '* Stopped at 1, stop reason = step over',
  "-> 1   local visits = redis.call('incr', KEYS[1])",
]

function walksWith(program: string): void {
  test('a walk through a script with breakpoints', async () => {
    const lines = [
      'step',
      'print',
      'break 8',
      'continue',
      'print greeting',
      'redis get page',
      'c',
      'c',
      'get page',
    ]
    const printed = await ldb(program, ['--ldb'], lines)
    assert.deepEqual(printed.trimEnd().split('\n'), [
      ...WALK,
      '<command> incr page',
      '<reply> 1',
      '* Stopped at 2, stop reason = step over',
      "-> 2   local greeting = 'visit ' .. visits",
      '<value> visits = 1',
      '   7   end',
      '  #8   return greeting',
      '<debug> line 3: "visit 1", {"ann"}',
      '* Stopped at 5, stop reason = server.breakpoint() called',
      '-> 5   if visits > 1 then',
      '<value> "visit 1"',
      '<command> get page',
      '<reply> "1"',
      '* Stopped at 8, stop reason = break point',
      '->#8   return greeting',
      '',
      '"visit 1"',
      '',
      '(Lua debugging session ended -- dataset changes rolled back)',
      '',
      // The client has come back, and finds nothing changed.
      '(nil)',
    ])
  })

  test('restart begins anew, quit ends', async () => {
    const printed = await ldb(program, ['--ldb'], ['step', 'restart', 'step', 'quit'])
    const again = [...WALK.slice(5), '<command> incr page', '<reply> 1']
    const text = printed.trimEnd()
    assert.equal(text.split(again.join('\n')).length, 3, text)
    assert.equal(await send(server.port, 'exists', 'page'), 0)
  })

  test('the synchronous mode keeps what is written', async () => {
    const printed = await ldb(program, ['--ldb-sync-mode'], ['c', 'abort', 'get page'])
    assert.match(
      printed,
      /\(error\) ERR script aborted for user request script: [0-9a-f]{40}, on @user_script:5\./,
    )
    assert.match(printed, /\(Lua debugging session ended\)\n\n"1"\n$/)
    await send(server.port, 'del', 'page')
  })
}

describe('redis-cli --ldb', () => {
  walksWith('redis-cli')
})

describe('valkey-cli --ldb', { skip: noOracle }, () => {
  walksWith(join(process.env.PERILUNE_VALKEY ?? '', 'valkey-cli'))
})
