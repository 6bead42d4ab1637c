import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { HELP } from '../../src/commands/cluster/help-text.ts'
import { MY_SHARD, MYSELF, onEachNode } from '../support/cluster.ts'
import { type Call, onEachServer, type Reply } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, wrongArity } from '../support/transcript.ts'

const error = (text: string): Reply => ({ error: text })
const BAD_SLOT = error('ERR Invalid or out of range slot')
const unknown = (word: string) =>
  error(`ERR unknown subcommand or wrong number of arguments for '${word}'. Try CLUSTER HELP.`)
const NOBODY = 'x'.repeat(40)

/** The fields of CLUSTER INFO. */
async function infoOf(call: Call): Promise<Record<string, string>> {
  const text = String(await call('CLUSTER', 'INFO'))
  return Object.fromEntries(
    text
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':')),
  )
}

/** A map of RESP2. */
function entries(flat: Reply): Map<Reply, Reply> {
  const list = flat as Reply[]
  return new Map(Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!]))
}

onEachServer('without a cluster', ({ it }) => {
  it('CLUSTER is refused, READONLY is not', async (call) => {
    const disabled = error('ERR This instance has cluster support disabled')
    await converse(call, [
      ['CLUSTER INFO', disabled],
      ['CLUSTER HELP', disabled],
      ['CLUSTER KEYSLOT a', disabled],
      ['CLUSTER RESET HARD', disabled],
      ['CLUSTER SLOT-STATS SLOTSRANGE 0 1', disabled],
      ['CLUSTER nothing', error("ERR unknown subcommand 'nothing'. Try CLUSTER HELP.")],
      ['CLUSTER', wrongArity('cluster')],
      ['CLUSTER INFO x', wrongArity('cluster|info')],
      ['ASKING', disabled],
      ['READONLY', 'OK'],
      ['READWRITE', 'OK'],
      ['MSET a 1 b 2', 'OK'],
    ])
  })
})

onEachNode('a node that serves all slots', ({ it }) => {
  it('describes the cluster', async (call) => {
    const info = await infoOf(call)
    assert.deepEqual(info, {
      cluster_state: 'ok',
      cluster_slots_assigned: '16384',
      cluster_slots_ok: '16384',
      cluster_slots_pfail: '0',
      cluster_slots_fail: '0',
      cluster_known_nodes: '1',
      cluster_size: '1',
      cluster_current_epoch: '2',
      cluster_my_epoch: '1',
      cluster_stats_messages_sent: '0',
      cluster_stats_messages_received: '0',
      total_cluster_links_buffer_limit_exceeded: '0',
    })
  })

  it('describes itself', async (call, _connection, server) => {
    await converse(call, [
      ['CLUSTER MYID', MYSELF],
      ['CLUSTER MYSHARDID', MY_SHARD],
      ['CLUSTER LINKS', []],
      ['CLUSTER SLOTS', [[0, 16383, ['', server.port, MYSELF, []]]]],
      [`CLUSTER REPLICAS ${MYSELF}`, []],
      [`CLUSTER slaves ${MYSELF}`, []],
      [`CLUSTER REPLICAS ${NOBODY}`, error(`ERR Unknown node ${NOBODY}`)],
      [`CLUSTER COUNT-FAILURE-REPORTS ${MYSELF}`, 0],
      ['CLUSTER COUNT-FAILURE-REPORTS x', error('ERR Unknown node x')],
    ])
    assert.match(
      String(await call('CLUSTER', 'NODES')),
      new RegExp(`^${MYSELF} :${server.port}@\\d+ myself,master - 0 0 1 connected 0-16383\n$`),
    )
    const [shard] = (await call('CLUSTER', 'SHARDS')) as Reply[]
    const { slots, nodes } = Object.fromEntries(entries(shard!)) as Record<string, Reply[]>
    assert.deepEqual(slots, [0, 16383])
    assert.deepEqual(
      [...entries(nodes![0]!)],
      [
        ['id', MYSELF],
        ['port', server.port],
        ['ip', ''],
        ['endpoint', ''],
        ['role', 'master'],
        ['replication-offset', 0],
        ['health', 'online'],
      ],
    )
  })

  it('in RESP3', async (call, connection, server) => {
    await call('HELLO', 3)
    assert.match(await connection.raw('CLUSTER', 'INFO'), /^=\d+\r\ntxt:cluster_state:ok\r\n/)
    assert.match(await connection.raw('CLUSTER', 'NODES'), /^=\d+\r\ntxt:m+ :/)
    assert.deepEqual(await call('CLUSTER', 'SLOTS'), [[0, 16383, ['', server.port, MYSELF, { map: [] }]]])
    const shards = (await call('CLUSTER', 'SHARDS')) as { map: [Reply, Reply][] }[]
    assert.deepEqual(
      shards[0]!.map.map(([name]) => name),
      ['slots', 'nodes'],
    )
    assert.ok('map' in (shards[0]!.map[1]![1] as object[])[0]!)
  })

  it('says that it is one', async (call) => {
    assert.equal(entries(await call('HELLO')).get('mode'), 'cluster')
    assert.match(String(await call('INFO', 'server')), /\r\nserver_mode:cluster\r\n/)
    assert.match(String(await call('INFO', 'cluster')), /^# Cluster\r\ncluster_enabled:1\r\n/)
    assert.deepEqual(await call('CONFIG', 'GET', 'databases'), ['databases', '1'])
  })

  it('helps', async (call) => {
    const lines = (await call('CLUSTER', 'HELP')) as string[]
    assert.deepEqual(lines.slice(1, -2), HELP)
  })

  it('slots of keys', async (call) => {
    await converse(call, [
      ['CLUSTER KEYSLOT foo', 12182],
      ['CLUSTER KEYSLOT {foo}bar', 12182],
      ['CLUSTER KEYSLOT {}foo', 9500],
      ['CLUSTER COUNTKEYSINSLOT 12182', 0],
      ['SET foo 1', 'OK'],
      ['SET {foo}a 1', 'OK'],
      ['SET {foo}b 1', 'OK'],
      ['SET bar 1', 'OK'],
      ['CLUSTER COUNTKEYSINSLOT 12182', 3],
      ['CLUSTER COUNTKEYSINSLOT x', NOT_INTEGER],
      ['CLUSTER COUNTKEYSINSLOT 16384', error('ERR Invalid slot')],
      ['CLUSTER COUNTKEYSINSLOT -1', error('ERR Invalid slot')],
      ['CLUSTER GETKEYSINSLOT 5061 10', ['bar']],
      ['CLUSTER GETKEYSINSLOT 5061 0', []],
      ['CLUSTER GETKEYSINSLOT 5062 10', []],
      ['CLUSTER GETKEYSINSLOT 5061 -1', error('ERR Invalid slot or number of keys')],
      ['CLUSTER GETKEYSINSLOT 16384 1', error('ERR Invalid slot or number of keys')],
      ['CLUSTER GETKEYSINSLOT 1 x', NOT_INTEGER],
      ['CLUSTER GETKEYSINSLOT 1', wrongArity('cluster|getkeysinslot')],
    ])
    assert.deepEqual(((await call('CLUSTER', 'GETKEYSINSLOT', 12182, 10)) as string[]).sort(), [
      'foo',
      '{foo}a',
      '{foo}b',
    ])
    assert.equal(((await call('CLUSTER', 'GETKEYSINSLOT', 12182, 2)) as string[]).length, 2)
    await converse(call, [
      ['RENAME {foo}a {foo}c', 'OK'],
      ['DEL foo', 1],
      ['CLUSTER COUNTKEYSINSLOT 12182', 2],
      ['FLUSHALL', 'OK'],
      ['CLUSTER COUNTKEYSINSLOT 12182', 0],
    ])
  })

  it('expired keys are counted until they are removed', async (call) => {
    await call('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
    await call('SET', 'foo', 1, 'PX', 1)
    await pause(5)
    await converse(call, [
      ['CLUSTER COUNTKEYSINSLOT 12182', 1],
      ['CLUSTER GETKEYSINSLOT 12182 5', ['foo']],
      ['KEYS foo', []],
      ['GET foo', null],
      ['CLUSTER COUNTKEYSINSLOT 12182', 0],
      ['DEBUG SET-ACTIVE-EXPIRE 1', 'OK'],
    ])
  })

  it('figures of slots', async (call) => {
    const stat = (slot: number, keys: number) => [slot, ['key-count', keys]]
    await call('SET', 'foo', 1)
    await call('SET', '{foo}a', 1)
    await call('SET', 'bar', 1)
    await converse(call, [
      ['CLUSTER SLOT-STATS SLOTSRANGE 12182 12183', [stat(12182, 2), stat(12183, 0)]],
      [
        'CLUSTER SLOT-STATS SLOTSRANGE 2 1',
        error('ERR Start slot number 2 is greater than end slot number 1'),
      ],
      ['CLUSTER SLOT-STATS SLOTSRANGE 2 16384', BAD_SLOT],
      ['CLUSTER SLOT-STATS SLOTSRANGE 2', unknown('SLOT-STATS')],
      ['CLUSTER SLOT-STATS ORDERBY KEY-COUNT LIMIT 3', [stat(12182, 2), stat(5061, 1), stat(0, 0)]],
      ['CLUSTER SLOT-STATS ORDERBY key-count asc limit 2', [stat(0, 0), stat(1, 0)]],
      ['CLUSTER SLOT-STATS ORDERBY KEY-COUNT DESC LIMIT 1', [stat(12182, 2)]],
      ['CLUSTER SLOT-STATS ORDERBY size', error('ERR Unrecognized sort metric for ORDERBY.')],
      ['CLUSTER SLOT-STATS ORDERBY key-count sideways', SYNTAX_ERROR],
      [
        'CLUSTER SLOT-STATS ORDERBY key-count limit 0',
        error('ERR Limit has to lie in between 1 and 16384 (maximum number of slots).'),
      ],
      [
        'CLUSTER SLOT-STATS ORDERBY key-count asc desc',
        error('ERR Multiple filters of the same type are disallowed.'),
      ],
      ['CLUSTER SLOT-STATS something else', unknown('SLOT-STATS')],
    ])
  })

  it('slots are let go of and taken', async (call) => {
    const busy = (slot: number) => error(`ERR Slot ${slot} is already busy`)
    const unassigned = (slot: number) => error(`ERR Slot ${slot} is already unassigned`)
    const twice = (slot: number) => error(`ERR Slot ${slot} specified multiple times`)
    await converse(call, [
      ['CONFIG SET cluster-require-full-coverage no', 'OK'],
      ['CLUSTER ADDSLOTS 5', busy(5)],
      ['CLUSTER ADDSLOTS x', BAD_SLOT],
      ['CLUSTER ADDSLOTS 5 x', BAD_SLOT],
      ['CLUSTER ADDSLOTS 16384', BAD_SLOT],
      ['CLUSTER ADDSLOTS', wrongArity('cluster|addslots')],
      ['CLUSTER DELSLOTS 5 5', twice(5)],
      ['CLUSTER DELSLOTS 5 6 7', 'OK'],
      ['CLUSTER DELSLOTS 4 5', unassigned(5)],
      ['CLUSTER ADDSLOTS 5 6 4', busy(4)],
      ['CLUSTER ADDSLOTS 6 6', twice(6)],
      ['CLUSTER ADDSLOTS 6 7', 'OK'],
      ['CLUSTER ADDSLOTSRANGE 5', wrongArity('cluster|addslotsrange')],
      ['CLUSTER ADDSLOTSRANGE 5 5 6', wrongArity('cluster|addslotsrange')],
      ['CLUSTER DELSLOTSRANGE 5 5 6', wrongArity('cluster|delslotsrange')],
      ['CLUSTER ADDSLOTSRANGE 6 5', error('ERR start slot number 6 is greater than end slot number 5')],
      ['CLUSTER ADDSLOTSRANGE 5 6', busy(6)],
      ['CLUSTER DELSLOTSRANGE 6 8 8 9', twice(8)],
      ['CLUSTER DELSLOTSRANGE 6 8 10 10', 'OK'],
      ['CLUSTER ADDSLOTSRANGE 5 8 10 10', 'OK'],
      ['CONFIG SET cluster-require-full-coverage yes', 'OK'],
    ])
    assert.equal((await infoOf(call)).cluster_slots_assigned, '16384')
  })

  it('what takes other nodes', async (call) => {
    await converse(call, [
      ['CLUSTER FAILOVER', error('ERR You should send CLUSTER FAILOVER to a replica')],
      ['CLUSTER FAILOVER FORCE', error('ERR You should send CLUSTER FAILOVER to a replica')],
      ['CLUSTER FAILOVER NOW', SYNTAX_ERROR],
      ['CLUSTER FAILOVER FORCE x', unknown('FAILOVER')],
      [`CLUSTER FORGET ${MYSELF}`, error("ERR I tried hard but I can't forget myself...")],
      [`CLUSTER FORGET ${NOBODY}`, error(`ERR Unknown node ${NOBODY}`)],
      [`CLUSTER REPLICATE ${MYSELF}`, error("ERR Can't replicate myself")],
      ['CLUSTER REPLICATE short', error('ERR Unknown node short')],
      ['CLUSTER MEET 127.0.0.1 x', error('ERR Invalid base port specified: x')],
      ['CLUSTER MEET 127.0.0.1 0', error('ERR Port number is out of range')],
      ['CLUSTER MEET 127.0.0.1 60000', error('ERR Cluster bus port number is out of range')],
      ['CLUSTER MEET 127.0.0.1 1 x', error('ERR Invalid bus port specified: x')],
      ['CLUSTER MEET 127.0.0.1 1 65536', error('ERR Cluster bus port number is out of range')],
      ['CLUSTER MEET localhost 1 2', error('ERR Invalid node address specified: localhost:1')],
      ['CLUSTER MEET 127.0.0.1 1 2 3', unknown('MEET')],
      ['CLUSTER MEET 127.0.0.1', wrongArity('cluster|meet')],
    ])
  })

  it('epochs and the file', async (call) => {
    await converse(call, [
      ['CLUSTER SAVECONFIG', 'OK'],
      ['CLUSTER BUMPEPOCH', 'BUMPED 3'],
      ['CLUSTER BUMPEPOCH', 'STILL 3'],
      ['CLUSTER SET-CONFIG-EPOCH x', NOT_INTEGER],
      ['CLUSTER SET-CONFIG-EPOCH -1', error('ERR Invalid config epoch specified: -1')],
      ['CLUSTER SET-CONFIG-EPOCH 5', error('ERR Node config epoch is already non-zero')],
    ])
    const { cluster_current_epoch, cluster_my_epoch } = await infoOf(call)
    assert.deepEqual([cluster_current_epoch, cluster_my_epoch], ['3', '3'])
  })

  it('SETSLOT', async (call) => {
    await converse(call, [
      ['CLUSTER SETSLOT x STABLE', BAD_SLOT],
      ['CLUSTER SETSLOT 1', wrongArity('cluster|setslot')],
      [
        'CLUSTER SETSLOT 1 somehow',
        error('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP'),
      ],
      [
        'CLUSTER SETSLOT 1 MIGRATING',
        error('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP'),
      ],
      ['CLUSTER SETSLOT 1 MIGRATING x', error("ERR I don't know about node x")],
      ['CLUSTER SETSLOT 1 NODE x', error('ERR Unknown node x')],
      [`CLUSTER SETSLOT 1 IMPORTING ${MYSELF}`, error("ERR I'm already the owner of hash slot 1")],
      [`CLUSTER SETSLOT 1 NODE ${MYSELF}`, 'OK'],
      ['CLUSTER SETSLOT 1 STABLE TIMEOUT', error('ERR Missing timeout value')],
      ['CLUSTER SETSLOT 1 STABLE TIMEOUT x', error('ERR timeout is not an integer or out of range')],
      ['CLUSTER SETSLOT 1 STABLE TIMEOUT -1', error('ERR timeout is negative')],
      ['CLUSTER SETSLOT 1 STABLE TIMEOUT 5', 'OK'],
      ['CLUSTER SETSLOT 1 STABLE whatever', 'OK'],
      // To oneself a slot may be on its way, too.
      ['SET bar 1', 'OK'],
      [`CLUSTER SETSLOT 5061 MIGRATING ${MYSELF}`, 'OK'],
      ['MGET bar {bar}1', error('TRYAGAIN Multiple keys request during rehashing of slot')],
      ['GET bar', '1'],
      ['CLUSTER SETSLOT 5061 STABLE', 'OK'],
      ['MGET bar {bar}1', ['1', null]],
    ])
  })

  it('starts over', async (call) => {
    await converse(call, [
      ['SET foo 1', 'OK'],
      ['CLUSTER FLUSHSLOTS', error('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.')],
      ['CLUSTER RESET', error("ERR CLUSTER RESET can't be called with master nodes containing keys")],
      ['CLUSTER RESET ROUGHLY', SYNTAX_ERROR],
      ['CLUSTER RESET HARD x', unknown('RESET')],
      ['FLUSHALL', 'OK'],
      ['CLUSTER FLUSHSLOTS', 'OK'],
      ['CLUSTER SLOTS', []],
      ['GET foo', error('CLUSTERDOWN Hash slot not served')],
      ['CLUSTER ADDSLOTSRANGE 0 16383', 'OK'],
      ['CLUSTER RESET', 'OK'],
      ['CLUSTER MYID', MYSELF],
      ['CLUSTER SLOTS', []],
    ])
    assert.match(
      JSON.stringify(await call('EVAL', "return redis.call('cluster', 'reset')", 0)),
      /ERR This Redis command is not allowed from script script/,
    )
    await call('CLUSTER', 'RESET', 'HARD')
    const id = await call('CLUSTER', 'MYID')
    assert.notEqual(id, MYSELF)
    assert.equal((await infoOf(call)).cluster_current_epoch, '0')
    await converse(call, [
      ['CLUSTER SET-CONFIG-EPOCH 9223372036854775807', 'OK'],
      ['CLUSTER BUMPEPOCH', 'STILL 9223372036854775807'],
    ])
    await call('CLUSTER', 'RESET', 'HARD')
    await call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383)
  })
})
