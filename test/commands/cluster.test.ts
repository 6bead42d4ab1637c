import assert from 'node:assert/strict'
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
    await new Promise((resolve) => setTimeout(resolve, 5))
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

  it('keys must be in one slot', async (call) => {
    const crossSlot = error("CROSSSLOT Keys in request don't hash to the same slot")
    await converse(call, [
      ['MSET foo 1 bar 2', crossSlot],
      ['MSET {a}foo 1 {a}bar 2', 'OK'],
      ['MSET foo 1 bar', crossSlot],
      ['DEL foo bar', crossSlot],
      ['RENAME foo bar', crossSlot],
      ['COPY foo bar', crossSlot],
      ['SINTERSTORE foo {foo}a bar', crossSlot],
      ['ZUNIONSTORE foo 1 bar', crossSlot],
      ['ZUNIONSTORE foo 1 {foo}bar', 0],
      ['LMPOP 2 foo bar LEFT', crossSlot],
      ['LMPOP 2 foo {foo}bar LEFT', null],
      ['SORT foo STORE bar', crossSlot],
      ['WATCH foo bar', crossSlot],
      ['EVAL return 2 foo bar', crossSlot],
      ['EVAL nonsense 2 foo bar', crossSlot],
      ['EVAL x 3 foo bar', error("ERR Number of keys can't be greater than number of args")],
      ['OBJECT ENCODING foo', null],
      ['PING', 'PONG'],
      ['SUNSUBSCRIBE', ['sunsubscribe', null, 0]],
    ])
  })

  it('in a transaction, too', async (call) => {
    const crossSlot = error("CROSSSLOT Keys in request don't hash to the same slot")
    await converse(call, [
      ['MULTI', 'OK'],
      ['SET foo 1', 'QUEUED'],
      ['SET bar 1', 'QUEUED'],
      ['EXEC', crossSlot],
      ['EXEC', error('ERR EXEC without MULTI')],
      ['EXISTS foo', 0],
      ['MULTI', 'OK'],
      ['MSET foo 1 bar 2', crossSlot],
      ['EXEC', error('EXECABORT Transaction discarded because of previous errors.')],
      ['MULTI', 'OK'],
      ['SET foo 1', 'QUEUED'],
      ['PING', 'QUEUED'],
      ['GET {foo}', 'QUEUED'],
      ['EXEC', ['OK', 'PONG', null]],
    ])
  })

  it('there is one database', async (call) => {
    await converse(call, [
      ['SELECT 0', 'OK'],
      ['SELECT 1', error('ERR SELECT is not allowed in cluster mode')],
      ['SELECT x', NOT_INTEGER],
      ['SWAPDB 0 1', error('ERR SWAPDB is not allowed in cluster mode')],
      ['MOVE foo 1', error('ERR MOVE is not allowed in cluster mode')],
      ['COPY foo {foo}a DB 1', error('ERR DB index is out of range')],
      ['COPY foo {foo}a DB 0', 0],
    ])
  })

  it('SORT looks nowhere else', async (call) => {
    const denied = (option: string) =>
      error(
        `ERR ${option} option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots.`,
      )
    await call('RPUSH', '{a}l', 1, 2)
    await call('SET', '{a}w1', 5)
    await converse(call, [
      ['SORT {a}l BY w*', denied('BY')],
      ['SORT {a}l BY {a}w*', ['2', '1']],
      ['SORT {a}l BY nosort', ['1', '2']],
      ['SORT {a}l GET w*', denied('GET')],
      ['SORT {a}l GET constant', denied('GET')],
      ['SORT {a}l GET #', ['1', '2']],
      ['SORT {a}l GET {a}w* GET #', ['5', '1', null, '2']],
      ['SORT_RO {a}l GET *->f', denied('GET')],
    ])
  })

  it('KEYS of one tag and of all', async (call) => {
    for (const key of ['{a}1', '{a}2', '{b}1', 'a']) await call('SET', key, 1)
    assert.deepEqual(((await call('KEYS', '{a}*')) as string[]).sort(), ['{a}1', '{a}2'])
    assert.deepEqual(await call('KEYS', '{a}1'), ['{a}1'])
    assert.equal(((await call('KEYS', '*')) as string[]).length, 4)
    assert.equal(((await call('KEYS', '*1')) as string[]).length, 2)
    const [, found] = (await call('SCAN', 0, 'MATCH', '{a}*', 'COUNT', 100)) as [string, string[]]
    assert.deepEqual(found.sort(), ['{a}1', '{a}2'])
  })

  it('READONLY is a flag of the client', async (call) => {
    const flags = async () => / flags=(\w+) /.exec(String(await call('CLIENT', 'INFO')))![1]
    await call('READONLY')
    assert.equal(await flags(), 'r')
    await call('READWRITE')
    assert.equal(await flags(), 'N')
    await call('READONLY')
    await call('RESET')
    assert.equal(await flags(), 'N')
    await call('EVAL', "redis.call('readonly') redis.call('asking')", 0)
    assert.equal(await flags(), 'N')
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

  it('keys of slots nobody serves', async (call) => {
    const down = error('CLUSTERDOWN The cluster is down')
    const unbound = error('CLUSTERDOWN Hash slot not served')
    await converse(call, [
      ['SET foo 1', 'OK'],
      ['CLUSTER DELSLOTS 12182', 'OK'],
      ['GET foo', unbound],
      ['GET bar', down],
      ['MGET bar foo', error("CROSSSLOT Keys in request don't hash to the same slot")],
      ['MGET foo bar', unbound],
      ['PING', 'PONG'],
      ['KEYS *', ['foo']],
      ['CLUSTER COUNTKEYSINSLOT 12182', 1],
      [['EVAL', 'return 1', '1', 'foo'], unbound],
      [['EVAL', 'return 1', '1', 'bar'], down],
      [['EVAL', 'return 1', '0'], 1],
      ['MULTI', 'OK'],
      ['GET bar', down],
      ['PING', 'QUEUED'],
      ['EXEC', error('EXECABORT Transaction discarded because of previous errors.')],
      ['CONFIG SET cluster-allow-reads-when-down yes', 'OK'],
      ['GET bar', null],
      ['SET bar 1', error('CLUSTERDOWN The cluster is down and only accepts read commands')],
      ['GET foo', unbound],
      [['EVAL', 'return 1', '1', 'bar'], 1],
      [
        ['EVAL', '#!lua\nreturn 1', '1', 'bar'],
        error('CLUSTERDOWN The cluster is down and only accepts read commands'),
      ],
      [['EVAL', '#!lua flags=no-writes\nreturn 1', '1', 'bar'], 1],
      ['CONFIG SET cluster-allow-reads-when-down no', 'OK'],
      ['CLUSTER ADDSLOTS 12182', 'OK'],
    ])
    assert.equal((await infoOf(call)).cluster_state, 'ok')
    assert.equal(await call('GET', 'foo'), '1')
  })

  it('shard channels belong to slots', async (call, connection) => {
    const crossSlot = error("CROSSSLOT Keys in request don't hash to the same slot")
    await converse(call, [
      ['SSUBSCRIBE foo bar', crossSlot],
      ['SPUBLISH foo hi', 0],
      ['CLUSTER DELSLOTS 12182', 'OK'],
      ['SPUBLISH foo hi', error('CLUSTERDOWN Hash slot not served')],
      ['SSUBSCRIBE foo', error('CLUSTERDOWN Hash slot not served')],
      ['SPUBLISH bar hi', 0],
      ['CONFIG SET cluster-allow-pubsubshard-when-down no', 'OK'],
      ['SPUBLISH bar hi', error('CLUSTERDOWN The cluster is down')],
      ['PUBLISH bar hi', 0],
      ['CONFIG SET cluster-allow-pubsubshard-when-down yes', 'OK'],
      ['CLUSTER ADDSLOTS 12182', 'OK'],
      ['SSUBSCRIBE foo {foo}a', ['ssubscribe', 'foo', 1]],
    ])
    assert.deepEqual(await connection.next(), ['ssubscribe', '{foo}a', 2])
  })

  it('and their subscriptions end with the slot', async (call, connection, server) => {
    const { connect } = await import('../support/server.ts')
    const subscriber = await connect(server.port)
    await subscriber.send('SSUBSCRIBE', 'foo')
    await subscriber.send('SUBSCRIBE', 'foo')
    await call('CLUSTER', 'DELSLOTS', 12182, 5061)
    assert.deepEqual(await subscriber.next(), ['sunsubscribe', 'foo', 0])
    assert.deepEqual(await call('PUBSUB', 'SHARDCHANNELS'), [])
    assert.deepEqual(await call('PUBSUB', 'CHANNELS'), ['foo'])
    await call('CLUSTER', 'ADDSLOTS', 12182, 5061)
    await subscriber.send('UNSUBSCRIBE', 'foo')
    assert.equal(await subscriber.send('GET', 'foo'), null)
    await subscriber.close()
    // To oneself, behind the reply.
    await call('HELLO', 3)
    connection.write('SSUBSCRIBE bar\r\n')
    await call('CLUSTER', 'DELSLOTS', 5061)
    await call('CLUSTER', 'ADDSLOTS', 5061)
    assert.deepEqual(connection.unsolicited.splice(0), [
      { push: ['ssubscribe', 'bar', 1] },
      { push: ['sunsubscribe', 'bar', 0] },
    ])
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
