/**
 * What commands may do with keys, databases and channels on a node that serves all slots.
 */
import assert from 'node:assert/strict'
import { onEachNode } from '../support/cluster.ts'
import { connect, type Reply } from '../support/server.ts'
import { converse, NOT_INTEGER } from '../support/transcript.ts'

const error = (text: string): Reply => ({ error: text })
const CROSS_SLOT = error("CROSSSLOT Keys in request don't hash to the same slot")

onEachNode('a node that serves all slots', ({ it }) => {
  it('keys must be in one slot', async (call) => {
    await converse(call, [
      ['MSET foo 1 bar 2', CROSS_SLOT],
      ['MSET {a}foo 1 {a}bar 2', 'OK'],
      ['MSET foo 1 bar', CROSS_SLOT],
      ['DEL foo bar', CROSS_SLOT],
      ['RENAME foo bar', CROSS_SLOT],
      ['COPY foo bar', CROSS_SLOT],
      ['SINTERSTORE foo {foo}a bar', CROSS_SLOT],
      ['ZUNIONSTORE foo 1 bar', CROSS_SLOT],
      ['ZUNIONSTORE foo 1 {foo}bar', 0],
      ['LMPOP 2 foo bar LEFT', CROSS_SLOT],
      ['LMPOP 2 foo {foo}bar LEFT', null],
      ['SORT foo STORE bar', CROSS_SLOT],
      ['WATCH foo bar', CROSS_SLOT],
      ['EVAL return 2 foo bar', CROSS_SLOT],
      ['EVAL nonsense 2 foo bar', CROSS_SLOT],
      ['EVAL x 3 foo bar', error("ERR Number of keys can't be greater than number of args")],
      ['OBJECT ENCODING foo', null],
      ['PING', 'PONG'],
      ['SUNSUBSCRIBE', ['sunsubscribe', null, 0]],
    ])
  })

  it('in a transaction, too', async (call) => {
    await converse(call, [
      ['MULTI', 'OK'],
      ['SET foo 1', 'QUEUED'],
      ['SET bar 1', 'QUEUED'],
      ['EXEC', CROSS_SLOT],
      ['EXEC', error('ERR EXEC without MULTI')],
      ['EXISTS foo', 0],
      ['MULTI', 'OK'],
      ['MSET foo 1 bar 2', CROSS_SLOT],
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

  it('keys of slots nobody serves', async (call) => {
    const down = error('CLUSTERDOWN The cluster is down')
    const unbound = error('CLUSTERDOWN Hash slot not served')
    await converse(call, [
      ['SET foo 1', 'OK'],
      ['CLUSTER DELSLOTS 12182', 'OK'],
      ['GET foo', unbound],
      ['GET bar', down],
      ['MGET bar foo', CROSS_SLOT],
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
    assert.match((await call('CLUSTER', 'INFO')) as string, /^cluster_state:ok\r/)
    assert.equal(await call('GET', 'foo'), '1')
  })

  it('shard channels belong to slots', async (call, connection) => {
    await converse(call, [
      ['SSUBSCRIBE foo bar', CROSS_SLOT],
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
})
