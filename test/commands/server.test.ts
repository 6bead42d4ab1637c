import assert from 'node:assert/strict'
import { connect, onEachServer, type Reply } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, wrongArity } from '../support/transcript.ts'
import { until } from '../support/until.ts'

onEachServer(
  'server',
  ({ it }) => {
    it('TIME, ROLE, LASTSAVE', async (call) => {
      const [seconds, micros] = (await call('TIME')) as string[]
      assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60)
      assert.ok(Number(micros) >= 0 && Number(micros) < 1e6)
      assert.ok(Math.abs(Number(await call('LASTSAVE')) - Number(seconds)) < 60)
      assert.deepEqual(await call('ROLE'), ['master', 0, []])
      // Time stands still in a script.
      const [first, second] = (await call(
        'EVAL',
        "local a = redis.call('TIME'); for i = 1, 100000 do end; return {a[1] .. a[2], table.concat(redis.call('TIME'))}",
        0,
      )) as string[]
      assert.equal(first, second)
    })

    it('INFO', async (call, connection) => {
      const info = String(await call('INFO'))
      assert.match(info, /^# Server\r\n/)
      assert.match(info, /\r\n\r\n# Clients\r\n/)
      assert.doesNotMatch(info, /# Commandstats/)
      assert.match(
        String(await call('INFO', 'commandstats', 'SERVER')),
        /^# Server\r\n(.*\r\n)+\r\n# Commandstats\r\n/,
      )
      assert.equal(await call('INFO', 'nothing'), '')
      await call('HELLO', 3)
      assert.match(await connection.raw('INFO', 'cluster'), /^=\d+\r\ntxt:# Cluster\r\n/)
    })

    it('INFO counts who watches keys', async (call, _connection, server) => {
      const watching = async () => {
        const info = String(await call('INFO', 'clients'))
        return ['watching_clients', 'total_watched_keys'].map((name) =>
          Number(new RegExp(`^${name}:(\\d+)\r$`, 'm').exec(info)![1]),
        )
      }
      const other = await connect(server.port)
      await other.send('WATCH', 'a', 'b')
      await other.send('WATCH', 'b', 'c')
      await call('WATCH', 'a')
      assert.deepEqual(await watching(), [2, 3])
      await call('UNWATCH')
      await call('UNWATCH')
      assert.deepEqual(await watching(), [1, 3])
      await other.send('MULTI')
      await other.send('EXEC')
      assert.deepEqual(await watching(), [0, 0])
      await other.send('WATCH', 'a', 'b')
      await call('SET', 'b', '1')
      assert.deepEqual(await watching(), [0, 0])
      await other.send('WATCH', 'c')
      assert.deepEqual(await watching(), [0, 0])
      await other.send('UNWATCH')
      await other.send('WATCH', 'a')
      await other.close()
      await until(async () => (await watching())[0] === 0)
    })

    it('CONFIG', async (call) => {
      await converse(call, [
        ['CONFIG GET nothing', []],
        ['CONFIG GET maxmemory', ['maxmemory', '0']],
        ['CONFIG SET maxmemory 1mb maxmemory-samples 7', 'OK'],
        ['CONFIG GET maxmemory', ['maxmemory', '1048576']],
        ['CONFIG GET maxmemory-sample?', ['maxmemory-samples', '7']],
        ['CONFIG SET maxmemory 0 maxmemory-samples 5', 'OK'],
        ['CONFIG SET maxmemory', wrongArity('config|set')],
        ['CONFIG SET maxmemory 1 maxmemory-samples', SYNTAX_ERROR],
        [
          'CONFIG SET nothing 1',
          { error: "ERR Unknown option or number of arguments for CONFIG SET - 'nothing'" },
        ],
        [
          'CONFIG SET databases 3',
          {
            error:
              "ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config",
          },
        ],
        ['CONFIG REWRITE', { error: 'ERR The server is running without a config file' }],
        ['CONFIG GET', wrongArity('config|get')],
      ])
      await call('HELLO', 3)
      assert.deepEqual(await call('CONFIG', 'GET', 'hz'), { map: [['hz', '10']] })
    })

    it('CONFIG RESETSTAT', async (call) => {
      const stat = async (name: string) =>
        new RegExp(`${name}:(\\d+)`).exec(String(await call('INFO', 'everything')))
      await call('GET', 'missing')
      assert.notEqual((await stat('keyspace_misses'))![1], '0')
      assert.equal(await call('CONFIG', 'RESETSTAT'), 'OK')
      assert.equal((await stat('keyspace_misses'))![1], '0')
      assert.equal(await stat('cmdstat_get:calls'), null)
    })

    it('SLOWLOG', async (call) => {
      await converse(call, [
        ['SLOWLOG RESET', 'OK'],
        ['CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 3', 'OK'],
        ['CLIENT SETNAME me', 'OK'],
        ['ECHO a', 'a'],
        ['ECHO b', 'b'],
        ['SLOWLOG LEN', 3],
      ])
      const entries = (await call('SLOWLOG', 'GET', 2)) as Reply[][]
      assert.equal(entries.length, 2)
      const [id, time, micros, args, address, name] = entries[1]!
      assert.equal(Number(entries[0]![0]), Number(id) + 1)
      assert.ok(Math.abs(Number(time) - Date.now() / 1000) < 60)
      assert.ok(Number(micros) >= 0)
      assert.deepEqual(args, ['ECHO', 'b'])
      assert.match(String(address), /^127\.0\.0\.1:\d+$/)
      assert.equal(name, 'me')
      await call('CONFIG', 'SET', 'slowlog-log-slower-than', -1)
      await converse(call, [
        ['SLOWLOG GET 0', []],
        ['SLOWLOG GET -2', { error: 'ERR count should be greater than or equal to -1' }],
        ['SLOWLOG GET x', { error: 'ERR count should be greater than or equal to -1' }],
        [
          'SLOWLOG GET 1 2',
          { error: "ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP." },
        ],
        ['SLOWLOG RESET', 'OK'],
        ['SLOWLOG GET -1', []],
        ['CONFIG SET slowlog-log-slower-than 10000 slowlog-max-len 128', 'OK'],
      ])
    })

    it('COMMANDLOG', async (call) => {
      const wrongType = { error: 'ERR type should be one of the following: slow, large-request, large-reply' }
      for (const log of ['slow', 'large-request', 'large-reply']) await call('COMMANDLOG', 'RESET', log)
      await converse(call, [
        ['CONFIG SET commandlog-execution-slower-than -1', 'OK'],
        ['CONFIG SET commandlog-request-larger-than 5000 commandlog-reply-larger-than 5000', 'OK'],
        ['CLIENT SETNAME me', 'OK'],
        ['CONFIG SET commandlog-large-request-max-len 2', 'OK'],
      ])
      const value = 'x'.repeat(4000)
      await call('MSET', 'a', value, 'b', 'short')
      await call('MSET', 'a', value, 'b', value)
      await call('SADD', 'members', ...Array.from({ length: 1000 }, (_, i) => `member:${i}`))
      await call('GET', 'a')
      await call('MGET', 'a', 'b', 'c')
      await call('EVAL', "return {redis.call('mget', KEYS[1], KEYS[1])}", 1, 'a')
      await call('MULTI')
      await call('MGET', 'a', 'a')
      await call('EXEC')
      const entries = async (log: string) => {
        const all = (await call('COMMANDLOG', 'GET', -1, log)) as Reply[][]
        return all.map(([, , bytes, args, , name]) => [(args as string[])[0], Number(bytes), name])
      }
      assert.deepEqual(await entries('large-request'), [
        ['SADD', 16820, 'me'],
        ['MSET', 8046, 'me'],
      ])
      assert.deepEqual(
        (await entries('large-reply')).map(([name]) => name),
        ['MGET', 'EVAL', 'MGET'],
      )
      assert.deepEqual((await entries('large-reply')).at(-1), ['MGET', 8027, 'me'])
      await converse(call, [
        ['COMMANDLOG LEN large-request', 2],
        ['COMMANDLOG LEN LARGE-reply', 3],
        ['COMMANDLOG LEN slow', 0],
        ['COMMANDLOG RESET large-reply', 'OK'],
        ['COMMANDLOG LEN large-reply', 0],
        ['COMMANDLOG LEN large', wrongType],
        ['COMMANDLOG RESET large', wrongType],
        ['COMMANDLOG GET 1 large', wrongType],
        ['COMMANDLOG GET -2 slow', { error: 'ERR count should be greater than or equal to -1' }],
        ['COMMANDLOG GET 1', { error: "ERR wrong number of arguments for 'commandlog|get' command" }],
        ['CONFIG SET commandlog-request-larger-than 1 commandlog-reply-larger-than 1', 'OK'],
        ['COMMANDLOG RESET large-request', 'OK'],
        ['COMMANDLOG RESET large-reply', 'OK'],
        ['PING', 'PONG'],
      ])
      assert.deepEqual(await entries('large-request'), [
        ['PING', 14, 'me'],
        ['COMMANDLOG', 50, 'me'],
      ])
      await converse(call, [
        ['CONFIG SET commandlog-request-larger-than 1048576 commandlog-reply-larger-than 1048576', 'OK'],
        ['CONFIG SET commandlog-large-request-max-len 128 commandlog-execution-slower-than 10000', 'OK'],
      ])
    })

    it('secrets do not reach the slow log', async (call) => {
      await call('CONFIG', 'SET', 'slowlog-log-slower-than', 0)
      await call('AUTH', 'default', 'secret')
      await call('HELLO', 2, 'AUTH', 'default', 'secret')
      await call('CONFIG', 'SET', 'requirepass', 'secret', 'timeout', '0')
      await call('CONFIG', 'SET', 'slowlog-log-slower-than', -1, 'requirepass', '')
      const entries = (await call('SLOWLOG', 'GET', -1)) as Reply[][]
      const shown = entries.map((entry) => (entry[3] as string[]).join(' '))
      assert.ok(shown.includes('AUTH (redacted) (redacted)'))
      assert.ok(shown.includes('HELLO 2 AUTH (redacted) (redacted)'))
      assert.ok(shown.includes('CONFIG SET requirepass (redacted) timeout 0'))
      await call('CONFIG', 'SET', 'slowlog-log-slower-than', 10000)
    })

    it('LATENCY', async (call) => {
      await converse(call, [
        ['LATENCY RESET', 0],
        ['LATENCY LATEST', []],
        ['LATENCY HISTORY command', []],
        ['CONFIG SET latency-monitor-threshold 20', 'OK'],
        ['DEBUG SLEEP 0.03', 'OK'],
      ])
      const [[name, time, latest, worst, sum, count]] = (await call('LATENCY', 'LATEST')) as [Reply[]]
      assert.equal(name, 'command')
      assert.ok(Math.abs(Number(time) - Date.now() / 1000) < 60)
      assert.ok(Number(latest) >= 30)
      assert.deepEqual([worst, sum, count], [latest, latest, 1])
      assert.deepEqual(await call('LATENCY', 'HISTORY', 'command'), [[time!, latest!]])
      await converse(call, [
        ['LATENCY RESET nothing', 0],
        ['LATENCY RESET Command nothing', 1],
        ['CONFIG SET latency-monitor-threshold 0', 'OK'],
      ])
    })

    it('LATENCY GRAPH and DOCTOR', async (call) => {
      await converse(call, [
        ['LATENCY RESET', 0],
        ['LATENCY GRAPH nothing', { error: "ERR No samples available for event 'nothing'" }],
        ['CONFIG SET latency-monitor-threshold 20', 'OK'],
      ])
      assert.match(String(await call('LATENCY', 'DOCTOR')), /^No latency spike was observed/)
      await call('DEBUG', 'SLEEP', '0.03')
      const graph = String(await call('LATENCY', 'GRAPH', 'command'))
      assert.match(
        graph,
        /^command - high (\d+) ms, low \1 ms \(all time high \1 ms\)\n-{80}\n \n \n \n_\n \n\d\ns\n$/,
      )
      const report = String(await call('LATENCY', 'DOCTOR'))
      const [start, ...advice] = report.replace(/\d+ms/g, 'Nms').split('\n- ')
      assert.equal(
        start,
        'Latency spikes are observed in this Valkey instance.\n\n' +
          '1. command: 1 latency spikes (average Nms, mean deviation Nms, period 1.00 sec). Worst all time event Nms.\n\n' +
          'Here is some advice for you:\n',
      )
      assert.deepEqual(
        advice.map((text) => text.slice(0, 20)),
        ['Check your Slow Log ', 'Deleting, expiring o'],
      )
      await call('CONFIG', 'SET', 'slowlog-log-slower-than', -1)
      assert.match(String(await call('LATENCY', 'DOCTOR')), /'CONFIG SET slowlog-log-slower-than 20000'/)
      await converse(call, [
        ['CONFIG SET slowlog-log-slower-than 10000', 'OK'],
        ['LATENCY RESET', 1],
        ['CONFIG SET latency-monitor-threshold 0', 'OK'],
      ])
      assert.match(String(await call('LATENCY', 'DOCTOR')), /^I'm sorry, Dave/)
    })

    it('LATENCY HISTOGRAM', async (call) => {
      await call('CONFIG', 'RESETSTAT')
      for (let i = 0; i < 5; i++) await call('GET', 'a')
      await call('CONFIG', 'GET', 'port')
      const flat = (reply: Reply) => reply as [string, [string, number, string, number[]]]
      const [name, [calls, count, steps, histogram]] = flat(
        await call('LATENCY', 'HISTOGRAM', 'GET', 'nothing'),
      )
      assert.deepEqual([name, calls, count, steps], ['get', 'calls', 5, 'histogram_usec'])
      assert.equal(histogram.at(-1), 5)
      assert.equal(flat(await call('LATENCY', 'HISTOGRAM', 'config|get'))[0], 'config|get')
      const names = ((await call('LATENCY', 'HISTOGRAM', 'config')) as Reply[]).filter((_, i) => i % 2 === 0)
      assert.deepEqual(names.sort(), ['config|get', 'config|resetstat'])
      assert.ok(((await call('LATENCY', 'HISTOGRAM')) as Reply[]).includes('latency|histogram'))
      await converse(call, [
        ['CONFIG SET latency-tracking no', 'OK'],
        ['CONFIG RESETSTAT', 'OK'],
        ['LATENCY HISTOGRAM', []],
        ['CONFIG SET latency-tracking yes', 'OK'],
      ])
    })

    it('ACL of the only user', async (call, connection) => {
      await converse(call, [
        ['ACL WHOAMI', 'default'],
        ['ACL USERS', ['default']],
        ['ACL LIST', ['user default on nopass sanitize-payload ~* &* +@all']],
        ['ACL GETUSER nobody', null],
        ['ACL CAT nothing', { error: "ERR Unknown category 'nothing'" }],
        [
          'ACL CAT a b',
          { error: "ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP." },
        ],
        [
          'ACL GENPASS 0',
          {
            error:
              'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
          },
        ],
      ])
      assert.match(String(await call('ACL', 'GENPASS')), /^[0-9a-f]{64}$/)
      assert.match(String(await call('ACL', 'GENPASS', 5)), /^[0-9a-f]{2}$/)
      assert.ok(((await call('ACL', 'CAT')) as string[]).includes('scripting'))
      const dangerous = (await call('ACL', 'CAT', 'Dangerous')) as string[]
      assert.ok(dangerous.includes('config|set') && !dangerous.includes('get'))
      await call('HELLO', 3)
      const open = await connection.raw('ACL', 'GETUSER', 'default')
      assert.ok(open.startsWith('%6\r\n$5\r\nflags\r\n~3\r\n$2\r\non\r\n$6\r\nnopass\r\n'))
      await call('CONFIG', 'SET', 'requirepass', 'foo')
      const hash = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae'
      assert.deepEqual(await call('ACL', 'LIST'), [`user default on sanitize-payload #${hash} ~* &* +@all`])
      assert.deepEqual(await call('ACL', 'GETUSER', 'default'), {
        map: [
          ['flags', { set: ['on', 'sanitize-payload'] }],
          ['passwords', [hash]],
          ['commands', '+@all'],
          ['keys', '~*'],
          ['channels', '&*'],
          ['selectors', []],
        ],
      })
      await call('CONFIG', 'SET', 'requirepass', '')
    })

    it('LOLWUT', async (call, connection) => {
      assert.match(String(await call('LOLWUT')), /Redis ver\. 8\.1\.1\n$/)
      const drawing = String(await call('LOLWUT', 'VERSION', 5, 1))
      assert.match(drawing, /Redis ver\. 8\.1\.1\n$/)
      assert.match(Buffer.from(drawing, 'latin1').toString(), /[\u2800-\u28ff]\n/)
      assert.deepEqual(await call('LOLWUT', 'VERSION', 'x'), NOT_INTEGER)
      await call('HELLO', 3)
      assert.match(await connection.raw('LOLWUT'), /^=\d+\r\ntxt:/)
    })

    it('SHUTDOWN options', async (call) => {
      await converse(call, [
        ['SHUTDOWN nothing', SYNTAX_ERROR],
        ['SHUTDOWN SAVE NOSAVE', SYNTAX_ERROR],
        ['SHUTDOWN ABORT NOW', SYNTAX_ERROR],
        ['SHUTDOWN ABORT', { error: 'ERR No shutdown in progress.' }],
        ['MULTI', 'OK'],
        ['SHUTDOWN', { error: 'ERR Command not allowed inside a transaction' }],
        ['DISCARD', 'OK'],
        ['PING', 'PONG'],
      ])
    })
  },
  ['--enable-debug-command', 'yes'],
)

onEachServer('shutdown', ({ it }) => {
  it('ends the server without a reply', async (_call, connection, server) => {
    const idle = await connect(server.port)
    connection.write('SHUTDOWN NOSAVE\r\nGET k\r\n')
    assert.equal(await server.exited, 0)
    await until(() => connection.closed && idle.closed)
    assert.deepEqual(connection.unsolicited, [])
  })
})
