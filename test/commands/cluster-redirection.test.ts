/**
 * Keys of slots that another node serves, or that are on their way between the two.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { MYSELF, nodesFile, OTHER, OTHER_ADDRESS, onEachNode, REPLICA } from '../support/cluster.ts'
import { type Call, connect, type Reply } from '../support/server.ts'
import { converse } from '../support/transcript.ts'

const error = (text: string): Reply => ({ error: text })

/** `bar` and `{bar}...` are served here, `foo` by the other, `hello` (866) by nobody. */
const FILE = nodesFile('0-865 867-8191', '8192-16383')
const BAR = 5061
const FOO = 12182

const MOVED = error(`MOVED ${FOO} ${OTHER_ADDRESS}`)
const ASK = error(`ASK ${BAR} ${OTHER_ADDRESS}`)
const TRY_AGAIN = error('TRYAGAIN Multiple keys request during rehashing of slot')
const CROSS_SLOT = error("CROSSSLOT Keys in request don't hash to the same slot")
const UNBOUND = error('CLUSTERDOWN Hash slot not served')
const PARTIAL = ['--cluster-require-full-coverage', 'no']

async function settle(call: Call): Promise<void> {
  await call('FLUSHALL')
  for (const slot of [BAR, FOO]) await call('CLUSTER', 'SETSLOT', slot, 'STABLE')
}

onEachNode(
  'a node beside another',
  ({ it }) => {
    it('knows where to go', async (call) => {
      await converse(call, [
        ['GET bar', null],
        ['GET foo', MOVED],
        ['SET foo 1', MOVED],
        ['MGET foo bar', CROSS_SLOT],
        ['MGET bar foo', CROSS_SLOT],
        ['GET hello', UNBOUND],
        ['SPUBLISH foo hi', MOVED],
        ['SSUBSCRIBE foo', MOVED],
        [['EVAL', 'return 1', '1', 'foo'], MOVED],
        ['MULTI', 'OK'],
        ['GET foo', MOVED],
        ['EXEC', error('EXECABORT Transaction discarded because of previous errors.')],
        ['ASKING', 'OK'],
        ['GET foo', MOVED],
        ['READONLY', 'OK'],
        ['GET foo', MOVED],
      ])
    })

    it('by the address that clients are to use', async (call) => {
      const to = (host: string) => error(`MOVED ${FOO} ${host}:1`)
      await converse(call, [
        ['CONFIG SET cluster-preferred-endpoint-type hostname', 'OK'],
        ['GET foo', to('?')],
        ['CONFIG SET cluster-preferred-endpoint-type unknown-endpoint', 'OK'],
        ['GET foo', to('')],
        ['CONFIG SET cluster-preferred-endpoint-type ip', 'OK'],
        ['GET foo', to('127.0.0.1')],
      ])
    })

    it('describes both', async (call, _connection, server) => {
      const slots = (await call('CLUSTER', 'SLOTS')) as Reply[]
      assert.deepEqual(slots, [
        [0, 865, ['', server.port, MYSELF, []]],
        [867, 8191, ['', server.port, MYSELF, []]],
        [8192, 16383, ['127.0.0.1', 1, OTHER, []]],
      ])
      const [replica] = (await call('CLUSTER', 'REPLICAS', OTHER)) as string[]
      assert.match(
        replica!,
        new RegExp(`^${REPLICA} 127\\.0\\.0\\.1:2@2 slave ${OTHER} \\d+ 0 2 \\w+connected$`),
      )
      const shards = JSON.stringify(await call('CLUSTER', 'SHARDS'))
      assert.match(shards, /"slots",\[0,865,867,8191\]/)
      assert.match(
        shards,
        /"slots",\[8192,16383\],"nodes",\[\[.*"role","replica","replication-offset",0,"health","loading"/,
      )
      const info = String(await call('CLUSTER', 'INFO'))
      assert.match(info, /cluster_slots_assigned:16383\r\ncluster_slots_ok:16383\r\n/)
      assert.match(
        info,
        /cluster_known_nodes:3\r\ncluster_size:2\r\ncluster_current_epoch:2\r\ncluster_my_epoch:1\r\n/,
      )
      await converse(call, [
        [`CLUSTER REPLICAS ${REPLICA}`, error('ERR The specified node is not a master')],
        [`CLUSTER REPLICATE ${REPLICA}`, error('ERR I can only replicate a master, not a replica.')],
        [
          `CLUSTER REPLICATE ${OTHER}`,
          error('ERR To set a master the node must be empty and without assigned slots.'),
        ],
        [
          'CLUSTER SET-CONFIG-EPOCH 7',
          error('ERR The user can assign a config epoch only when the node does not know any other node.'),
        ],
        ['CLUSTER FLUSHSLOTS x', error("ERR wrong number of arguments for 'cluster|flushslots' command")],
      ])
    })

    it('as itself, with the names it announces', async (call, _connection, server) => {
      const mine = async () => ((await call('CLUSTER', 'SLOTS')) as Reply[][])[0]![2]
      await converse(call, [
        ['CONFIG SET cluster-announce-ip 10.0.0.9 cluster-announce-port 7000', 'OK'],
        ['CONFIG SET cluster-announce-hostname host.example', 'OK'],
        ['CONFIG SET cluster-announce-bus-port 7777', 'OK'],
      ])
      assert.deepEqual(await mine(), ['10.0.0.9', 7000, MYSELF, ['hostname', 'host.example']])
      assert.match(
        String(await call('CLUSTER', 'NODES')),
        new RegExp(`${MYSELF} 10\\.0\\.0\\.9:7000@7777,host\\.example myself`),
      )
      await call('CONFIG', 'SET', 'cluster-preferred-endpoint-type', 'hostname')
      assert.deepEqual(await mine(), ['host.example', 7000, MYSELF, ['ip', '10.0.0.9']])
      await call('CONFIG', 'SET', 'cluster-preferred-endpoint-type', 'unknown-endpoint')
      assert.deepEqual(await mine(), [null, 7000, MYSELF, ['ip', '10.0.0.9', 'hostname', 'host.example']])
      await call(
        'CONFIG',
        'SET',
        'cluster-preferred-endpoint-type',
        'ip',
        'cluster-announce-client-ipv4',
        '9.9.9.9',
      )
      assert.deepEqual(await mine(), ['9.9.9.9', 7000, MYSELF, ['hostname', 'host.example']])
      await call(
        'CONFIG',
        'SET',
        'cluster-announce-client-ipv4',
        '',
        'cluster-announce-ip',
        '',
        'cluster-announce-port',
        0,
      )
      await call('CONFIG', 'SET', 'cluster-announce-hostname', '', 'cluster-announce-bus-port', 0)
      assert.deepEqual(await mine(), ['', server.port, MYSELF, []])
      await call('CONFIG', 'SET', 'cluster-replica-no-failover', 'yes')
      assert.match(String(await call('CLUSTER', 'NODES')), /myself,master,nofailover - /)
      await call('CONFIG', 'SET', 'cluster-replica-no-failover', 'no')
    })

    it('a slot that leaves: what is here is served, for the rest the other is asked', async (call) => {
      await settle(call)
      await converse(call, [
        ['SET bar 1', 'OK'],
        ['SET {bar}old 1 PX 1', 'OK'],
        [`CLUSTER SETSLOT ${BAR} MIGRATING ${OTHER}`, 'OK'],
        ['GET bar', '1'],
        ['GET {bar}1', ASK],
        ['SET {bar}1 x', ASK],
        ['MGET bar {bar}1', TRY_AGAIN],
        ['MGET {bar}1 {bar}2', ASK],
        ['MGET bar bar', ['1', '1']],
        ['MGET bar foo', CROSS_SLOT],
        ['SPUBLISH {bar}channel hi', 0],
        ['MULTI', 'OK'],
        ['GET bar', 'QUEUED'],
        ['PING', 'QUEUED'],
        ['EXEC', ['1', 'PONG']],
        ['MULTI', 'OK'],
        ['GET {bar}1', ASK],
        ['EXEC', error('EXECABORT Transaction discarded because of previous errors.')],
        ['ASKING', 'OK'],
        ['GET {bar}1', ASK],
        [['EVAL', 'return 1', '2', 'bar', '{bar}1'], TRY_AGAIN],
        [['EVAL', 'return 1', '1', '{bar}1'], ASK],
        [
          `CLUSTER SETSLOT ${BAR} NODE ${OTHER}`,
          error(
            `ERR Can't assign hashslot ${BAR} to a different node while I still hold keys for this hash slot.`,
          ),
        ],
        [`CLUSTER SETSLOT ${FOO} MIGRATING ${OTHER}`, error(`ERR I'm not the owner of hash slot ${FOO}`)],
        [`CLUSTER SETSLOT ${BAR} MIGRATING ${REPLICA}`, error('ERR Target node is not a master')],
      ])
      assert.match(String(await call('CLUSTER', 'NODES')), new RegExp(`867-8191 \\[${BAR}->-${OTHER}\\]\n`))
      await settle(call)
      assert.equal(await call('GET', '{bar}1'), null)
    })

    it('an expired key is not here', async (call) => {
      await settle(call)
      await call('DEBUG', 'SET-ACTIVE-EXPIRE', 0)
      await call('SET', 'bar', 1, 'PX', 1)
      await call('SET', '{bar}1', 1)
      await call('CLUSTER', 'SETSLOT', BAR, 'MIGRATING', OTHER)
      await pause(5)
      assert.deepEqual(await call('GET', 'bar'), ASK)
      assert.deepEqual(await call('MGET', 'bar', '{bar}1'), TRY_AGAIN)
      await call('DEBUG', 'SET-ACTIVE-EXPIRE', 1)
      await settle(call)
    })

    it('a slot that comes: only who asks is served', async (call) => {
      await settle(call)
      await converse(call, [
        [`CLUSTER SETSLOT ${FOO} IMPORTING ${OTHER}`, 'OK'],
        ['GET foo', MOVED],
        ['ASKING', 'OK'],
        ['GET foo', null],
        ['GET foo', MOVED],
        ['ASKING', 'OK'],
        ['SET foo 1', 'OK'],
        ['ASKING', 'OK'],
        ['MGET foo {foo}1', TRY_AGAIN],
        ['ASKING', 'OK'],
        ['MGET {foo}1 {foo}1', [null, null]],
        ['ASKING', 'OK'],
        ['ASKING', 'OK'],
        ['GET foo', '1'],
        ['ASKING', 'OK'],
        ['PING', 'PONG'],
        ['GET foo', MOVED],
        ['ASKING', 'OK'],
        ['nonsense', error("ERR unknown command 'nonsense', with args beginning with: ")],
        ['GET foo', MOVED],
        ['ASKING', 'OK'],
        ['RESET', 'RESET'],
        ['GET foo', MOVED],
        // For a whole transaction.
        ['ASKING', 'OK'],
        ['MULTI', 'OK'],
        ['GET foo', 'QUEUED'],
        ['SET {foo}1 2', 'QUEUED'],
        ['EXEC', TRY_AGAIN],
        ['GET foo', MOVED],
        ['ASKING', 'OK'],
        ['MULTI', 'OK'],
        ['GET foo', 'QUEUED'],
        ['EXEC', ['1']],
        ['GET foo', MOVED],
        ['MULTI', 'OK'],
        ['GET foo', MOVED],
        ['DISCARD', 'OK'],
        [`CLUSTER SETSLOT ${BAR} IMPORTING ${OTHER}`, error(`ERR I'm already the owner of hash slot ${BAR}`)],
      ])
      assert.match(String(await call('CLUSTER', 'NODES')), new RegExp(`867-8191 \\[${FOO}-<-${OTHER}\\]\n`))
      await settle(call)
    })

    it('RESTORE-ASKING asks by itself', async (call) => {
      await settle(call)
      await call('SET', 'bar', 'value')
      const dump = await call('DUMP', 'bar')
      const payload = Buffer.from(dump as string, 'latin1')
      assert.deepEqual(await call('RESTORE-ASKING', 'foo', 0, payload), MOVED)
      await call('CLUSTER', 'SETSLOT', FOO, 'IMPORTING', OTHER)
      assert.deepEqual(await call('RESTORE', 'foo', 0, payload), MOVED)
      assert.equal(await call('RESTORE-ASKING', 'foo', 0, payload), 'OK')
      await call('ASKING')
      assert.equal(await call('GET', 'foo'), 'value')
      await settle(call)
    })

    it('scripts do not ask the other', async (call) => {
      await settle(call)
      const run = async (script: string, keys: string[] = []) => {
        const reply = await call('EVAL', script, keys.length, ...keys)
        return typeof reply === 'object' && reply !== null && 'error' in reply
          ? reply.error.replace(/ script: .*/, '')
          : reply
      }
      const get = (key: string) => `return redis.call('get', '${key}')`
      assert.equal(await run(get('foo')), 'ERR Script attempted to access a non local key in a cluster node')
      assert.equal(await run(get('hello')), 'ERR Script attempted to access a slot not served')
      assert.equal(await run(get('bar')), null)
      await call('SET', 'bar', 1)
      await call('CLUSTER', 'SETSLOT', BAR, 'MIGRATING', OTHER)
      await call('CLUSTER', 'SETSLOT', FOO, 'IMPORTING', OTHER)
      assert.equal(await run(get('bar')), '1')
      assert.equal(
        await run(get('{bar}1')),
        'ERR Script attempted to access a non local key in a cluster node',
      )
      assert.equal(
        await run("return redis.call('mget', 'bar', '{bar}1')"),
        "ERR Unable to execute command 'mget' in script because undeclared keys were accessed during rehashing of the slot",
      )
      assert.equal(
        await run("return redis.call('object', 'encoding', '{bar}1')"),
        'ERR Script attempted to access a non local key in a cluster node',
      )
      assert.equal(await run(get('foo')), 'ERR Script attempted to access a non local key in a cluster node')
      await call('ASKING')
      assert.equal(await run(get('foo')), null)
      await call('ASKING')
      assert.equal(await run(get('foo'), ['foo']), null)
      assert.equal(await run(get('foo')), 'ERR Script attempted to access a non local key in a cluster node')
      await settle(call)
    })

    it('slots change hands', async (call) => {
      await settle(call)
      const info = async () => /my_epoch:(\d+)/.exec(String(await call('CLUSTER', 'INFO')))![1]
      await converse(call, [
        [`CLUSTER SETSLOT ${BAR} MIGRATING ${OTHER}`, 'OK'],
        [`CLUSTER SETSLOT ${BAR} NODE ${OTHER}`, 'OK'],
        ['GET bar', error(`MOVED ${BAR} ${OTHER_ADDRESS}`)],
        [`CLUSTER SETSLOT ${BAR} IMPORTING ${OTHER}`, 'OK'],
      ])
      assert.equal(await info(), '1')
      await converse(call, [
        [`CLUSTER SETSLOT ${BAR} NODE ${MYSELF}`, 'OK'],
        ['GET bar', null],
        ['CLUSTER SETSLOT 866 NODE nobody', error('ERR Unknown node nobody')],
        [`CLUSTER SETSLOT 866 NODE ${REPLICA}`, error('ERR Target node is not a master')],
        [`CLUSTER SETSLOT 866 NODE ${OTHER}`, 'OK'],
        ['GET hello', error(`MOVED 866 ${OTHER_ADDRESS}`)],
        ['CLUSTER DELSLOTS 866', 'OK'],
        ['GET hello', UNBOUND],
      ])
      assert.equal(await info(), '3')
    })

    it('IPv6 clients are told addresses of theirs', async (call, _connection, server) => {
      await call(
        'CONFIG',
        'SET',
        'cluster-announce-client-ipv6',
        '2001:db8::1',
        'cluster-announce-ip',
        '10.0.0.9',
      )
      const other = await connect(server.port, '::1').catch(() => undefined)
      if (other !== undefined) {
        assert.match(String(await other.send('CLUSTER', 'NODES')), new RegExp(`${MYSELF} 2001:db8::1:`))
        await other.close()
      }
      assert.match(String(await call('CLUSTER', 'NODES')), new RegExp(`${MYSELF} 10\\.0\\.0\\.9:`))
      await call('CONFIG', 'SET', 'cluster-announce-client-ipv6', '', 'cluster-announce-ip', '')
    })

    // The last, as nothing brings it back.
    it('a node is forgotten', async (call) => {
      await converse(call, [
        [`CLUSTER FORGET ${OTHER}`, 'OK'],
        [`CLUSTER FORGET ${OTHER}`, 'OK'],
        ['GET foo', UNBOUND],
        ['CLUSTER ADDSLOTS 12182', 'OK'],
        ['GET foo', null],
      ])
      assert.match(
        String(await call('CLUSTER', 'NODES')),
        new RegExp(`^${REPLICA} 127.0.0.1:2@2 slave - `, 'm'),
      )
    })
  },
  FILE,
  PARTIAL,
)
