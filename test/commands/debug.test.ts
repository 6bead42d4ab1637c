import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { onEachServer, type Reply } from '../support/server.ts'
import { converse, NOT_INTEGER, wrongArity } from '../support/transcript.ts'
import { until } from '../support/until.ts'

const DEBUG_REFUSED = {
  error:
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a ' +
    'local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
}

function unknown(word: string): Reply {
  return { error: `ERR unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.` }
}

onEachServer('debug, not enabled', ({ it }) => {
  it('is refused', async (call) => {
    await converse(call, [
      ['DEBUG SLEEP 0', DEBUG_REFUSED],
      ['DEBUG nothing', DEBUG_REFUSED],
      ['DEBUG', wrongArity('debug')],
    ])
  })
})

onEachServer(
  'debug, from this machine',
  ({ it }) => {
    it('is allowed', async (call) => {
      assert.equal(await call('DEBUG', 'SLEEP', '0'), 'OK')
    })
  },
  ['--enable-debug-command', 'local'],
)

onEachServer(
  'debug',
  ({ it }) => {
    it('subcommands and their arguments', async (call) => {
      await converse(call, [
        ['DEBUG nothing', unknown('nothing')],
        ['DEBUG SLEEP', unknown('SLEEP')],
        ['DEBUG DIGEST x', unknown('DIGEST')],
        ['debug sleep x', 'OK'],
        [['DEBUG', 'ERROR', 'MYCODE my\r\nmessage'], { error: 'MYCODE my  message' }],
        ['DEBUG OBJECT missing', { error: 'ERR no such key' }],
        ['DEBUG HTSTATS x', NOT_INTEGER],
        ['DEBUG HTSTATS 16', { error: 'ERR Out of range database' }],
        ['DEBUG POPULATE -1', { error: 'ERR value is out of range, must be positive' }],
        ['DEBUG LOG hello', 'OK'],
        ['DEBUG QUICKLIST-PACKED-THRESHOLD 1b', 'OK'],
        [
          'DEBUG QUICKLIST-PACKED-THRESHOLD 5gb',
          { error: 'ERR argument must be a memory value bigger than 1 and smaller than 4gb' },
        ],
        ['DEBUG QUICKLIST-PACKED-THRESHOLD 0', 'OK'],
      ])
      await call('SET', 'k', 'v')
      assert.match(String(await call('DEBUG', 'OBJECT', 'k')), /^Value .*refcount:1 encoding:embstr /)
    })

    it('DIGEST is the same for the same data', async (call) => {
      const build: string[] = [
        'SET string hello',
        'SET number 12345',
        'RPUSH list a b 3',
        'SADD intset 3 1 2',
        'SADD set a b c',
        'HSET hash f1 v1 f2 2',
        'ZADD zset 1 one 2.5 two -inf low 1e20 high 100000000 eight 0.0000001 tiny 3.14159e-30 least',
        'SET volatile x EX 1000',
        'SELECT 3',
        'SET other db',
        'SELECT 0',
      ]
      assert.equal(await call('DEBUG', 'DIGEST'), '0'.repeat(40))
      for (const line of build) await call(...line.split(' '))
      // Computed by Valkey 8.1.1.
      assert.equal(await call('DEBUG', 'DIGEST'), DATASET)
      assert.deepEqual(await call('DEBUG', 'DIGEST-VALUE', ...Object.keys(VALUES)), Object.values(VALUES))
      assert.deepEqual(await call('DEBUG', 'DIGEST-VALUE'), [])
    })

    it('POPULATE', async (call) => {
      await call('SET', 'p:1', 'kept')
      await converse(call, [
        ['DEBUG POPULATE 3 p 10', 'OK'],
        ['DBSIZE', 3],
        ['GET p:0', 'value:0\0\0\0'],
        ['GET p:1', 'kept'],
        ['DEBUG POPULATE 2', 'OK'],
        ['GET key:1', 'value:1'],
        ['DEBUG POPULATE 1 q 3', 'OK'],
        ['GET q:0', 'val'],
      ])
    })

    it('PROTOCOL has a reply of every type', async (call, connection) => {
      const replies = async () => {
        const all: string[] = []
        for (const type of TYPES) all.push(await connection.raw('DEBUG', 'PROTOCOL', type))
        return all
      }
      assert.equal(await call('DEBUG', 'PROTOCOL', 'attrib'), 'Some real reply following the attribute')
      assert.deepEqual(await replies(), [
        '$11\r\nHello World\r\n',
        ':12345\r\n',
        '$5\r\n3.141\r\n',
        '$37\r\n1234567999999999999999999999999999999\r\n',
        '$-1\r\n',
        '*3\r\n:0\r\n:1\r\n:2\r\n',
        '*3\r\n:0\r\n:1\r\n:2\r\n',
        '*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n',
        '$25\r\nThis is a verbatim\nstring\r\n',
        ':1\r\n',
        ':0\r\n',
      ])
      await call('HELLO', 3)
      assert.deepEqual(await replies(), [
        '$11\r\nHello World\r\n',
        ':12345\r\n',
        ',3.141\r\n',
        '(1234567999999999999999999999999999999\r\n',
        '_\r\n',
        '*3\r\n:0\r\n:1\r\n:2\r\n',
        '~3\r\n:0\r\n:1\r\n:2\r\n',
        '%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n',
        '=29\r\ntxt:This is a verbatim\nstring\r\n',
        '#t\r\n',
        '#f\r\n',
      ])
      assert.equal(await call('DEBUG', 'PROTOCOL', 'push'), 'Some real reply following the push reply')
      assert.deepEqual(await connection.next(), { push: ['server-cpu-usage', 42] })
    })

    it('SET-ACTIVE-EXPIRE', async (call) => {
      await call('DEBUG', 'SET-ACTIVE-EXPIRE', 0)
      await call('PSETEX', 'k', 1, 'v')
      await pause(400)
      assert.equal(await call('DBSIZE'), 1)
      await call('DEBUG', 'SET-ACTIVE-EXPIRE', 1)
      await until(async () => (await call('DBSIZE')) === 0)
    })

    it('SET-DISABLE-DENY-SCRIPTS', async (call) => {
      const script = "return redis.call('debug', 'protocol', 'string')"
      const refused = await call('EVAL', script, 0)
      assert.match((refused as { error: string }).error, /not allowed from script/)
      await call('DEBUG', 'SET-DISABLE-DENY-SCRIPTS', 1)
      assert.equal(await call('EVAL', script, 0), 'Hello World')
      await call('DEBUG', 'SET-DISABLE-DENY-SCRIPTS', 0)
    })
  },
  ['--enable-debug-command', 'yes'],
)

const TYPES = 'string integer double bignum null array set map verbatim true false'.split(' ')

const DATASET = '055232055d9f5f73348a58f5d68236e48c08fb96'
const VALUES = {
  string: '36b23a1456b2dce2c3ed252c456761301dba8060',
  number: 'e1cf90774e995ae03de66e8109dc5cb9d9c2dc83',
  list: '09eb1fc9381ee92790d59930ab462945f8cd948b',
  intset: '2a462a3f51a1db89738ebbeef0c47ce1bbc85246',
  set: '593c2414786d75446e97f4ea5d4b731f3313da72',
  hash: 'fc076e867f7dbf566ea58172a151d82d78b8f845',
  zset: '659850d29349c0defc48e30474037fb33db8ea51',
  volatile: '0745672cb1bf060476eedeb8a28f5ffe1ff5a2be',
  missing: '0000000000000000000000000000000000000000',
}
