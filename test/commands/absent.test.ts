/**
 * Commands that Valkey has and Perilune has not: rules of users and of scripts treat them alike, and whatever is left after
 * the rules is unknown.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ABSENT_COMMANDS } from '../../src/commands/absent.ts'
import { as } from '../support/acl.ts'
import { noOracle, onEachServer, type RunningServer, startOracle, startPerilune } from '../support/server.ts'

const UNKNOWN = 'ERR Unknown command called from script'
const WORDS_MAX = 7
/** Too slow to be run by Valkey. */
const SLOW = new Set(['pfselftest'])

const RULES = [
  /^ERR Unknown command called from script$/,
  /^ERR Wrong number of args calling command from script$/,
  /^ERR This Redis command is not allowed from script$/,
  /^ERR ACL failure in script: User u has no permissions to run the '[a-z|_]+' command$/,
  /^ERR Write commands are not allowed from read-only scripts\.$/,
  /^OOM command not allowed when used memory > 'maxmemory'\.$/,
]

const CALL = `local r = redis.pcall(unpack(ARGV)) return type(r) == 'table' and r.err or ''`

onEachServer('rules about commands that may be absent', ({ it }) => {
  it('are taken and told as any other', async (call) => {
    const set = async (...rules: string[]) => {
      await call('ACL', 'DELUSER', 'v')
      const reply = await call('ACL', 'SETUSER', 'v', ...rules)
      if (reply !== 'OK') return (reply as { error: string }).error
      const user = (await call('ACL', 'GETUSER', 'v')) as string[]
      return user[user.indexOf('commands') + 1]
    }
    assert.equal(await set('+xadd', '+psync'), '-@all +xadd +psync')
    assert.equal(await set('+@all', '-SAVE'), '+@all -save')
    assert.equal(await set('+xgroup|create'), '-@all +xgroup|create')
    assert.equal(await set('+xgroup', '-xgroup|create'), '-@all +xgroup -xgroup|create')
    assert.equal(await set('+xadd|X'), '-@all +xadd|x')
    assert.equal(await set('+@stream'), '-@all +@stream')
    assert.equal(await set('+command|docs'), '-@all +command|docs')
    const refusal = (rule: string, why: string) => `ERR Error in ACL SETUSER modifier '${rule}': ${why}`
    for (const rule of ['-xadd|x', '+client|nosuch', '+xgroup|nosuch', '+xnosuch']) {
      assert.equal(await set(rule), refusal(rule, 'Unknown command or category name in ACL'))
    }
    const nested = '+xgroup|create|x'
    assert.equal(await set(nested), refusal(nested, 'Allowing first-arg of a subcommand is not supported'))
    await call('ACL', 'DELUSER', 'v')
  })

  it('are asked in their order', async (call, _connection, server) => {
    await as(server, call, '~* +@scripting +bgsave', async (send) => {
      const order: [words: string[], error: string][] = [
        [['module', 'nosuch'], UNKNOWN],
        [['save', 'x'], 'ERR Wrong number of args calling command from script'],
        [['save'], 'ERR This Redis command is not allowed from script'],
        [['Module', 'LIST'], 'ERR This Redis command is not allowed from script'],
        [['xlen', 'x'], "ERR ACL failure in script: User u has no permissions to run the 'xlen' command"],
      ]
      for (const [words, error] of order) assert.equal(await send('EVAL', CALL, 0, ...words), error)
      const [entry] = (await call('ACL', 'LOG', 1)) as string[][]
      assert.deepEqual(entry!.slice(2, 8), ['reason', 'command', 'context', 'lua', 'object', 'xlen'])
    })
  })
})

test('for clients it is unknown, for scripts once no rule forbids it', async () => {
  const server = await startPerilune()
  try {
    const connection = await server.connect()
    assert.deepEqual(await connection.send('XLEN', 'x'), {
      error: "ERR unknown command 'XLEN', with args beginning with: 'x' ",
    })
    assert.equal(await connection.send('EVAL', CALL, 0, 'xlen', 'x'), UNKNOWN)
    assert.match(await connection.send('INFO', 'errorstats').then(String), /errorstat_ERR:count=2\r\n/)
    await connection.close()
  } finally {
    await server.stop()
  }
})

describe('absent commands called by scripts, compared with Valkey', { skip: noOracle }, () => {
  let ours: RunningServer
  let theirs: RunningServer
  before(async () => {
    ours = await startPerilune()
    theirs = await startOracle()
  })
  after(async () => {
    await ours?.stop()
    await theirs?.stop()
  })

  /** What a user of these rules is told by scripts that call an absent command with so many words. */
  async function compare(rules: string, evaluate: string, maxmemory = '0'): Promise<void> {
    const answers = await Promise.all(
      [ours, theirs].map(async (server) => {
        const admin = await server.connect()
        await admin.send('CONFIG', 'SET', 'maxmemory', maxmemory)
        const told: string[][] = []
        await as(
          server,
          (...words) => admin.send(...words),
          rules,
          async (send) => {
            for (const words of requests())
              told.push([words.join(' '), String(await send(evaluate, CALL, 0, ...words))])
          },
        )
        await admin.close()
        return told
      }),
    )
    const [actual, expected] = answers as [string[][], string[][]]
    for (const [i, [words, error]] of expected.entries()) {
      const judged = RULES.some((rule) => rule.test(error!)) ? error : UNKNOWN
      assert.deepEqual(actual[i], [words, judged])
    }
  }

  function* requests(): Generator<string[]> {
    for (const { name } of ABSENT_COMMANDS) {
      if (SLOW.has(name)) continue
      const named = name.split('|')
      for (let words = 0; words <= WORDS_MAX; words++) yield [...named, ...Array(words).fill('0')]
    }
  }

  test('by who may do everything', () => compare('~* +@all', 'EVAL'))
  test('by who may only run scripts', () => compare('~* +@scripting', 'EVAL'))
  test('by who may do some things', () =>
    compare('~* +@scripting +@stream -xadd +bitop|0 +xinfo -xinfo|groups +@blocking +module|list', 'EVAL'))
  test('by scripts that only read', () => compare('~* +@all', 'EVAL_RO'))
  test('without memory', () => compare('~* +@all', 'EVAL', '1'))
})
