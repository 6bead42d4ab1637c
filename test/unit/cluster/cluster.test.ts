import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SLOTS } from '../../../src/cluster/hash-slot.ts'
import { FAIL, NO_FAILOVER, PFAIL } from '../../../src/cluster/node.ts'
import { ID, newCluster, settled } from './fake-host.ts'

const BY_IPV4 = { overIpv6: false, overTls: false }
const BY_IPV6 = { overIpv6: true, overTls: false }

const MYSELF = `${ID('m')} :6379@16379,,tls-port=0,shard-id=${ID('s')} myself,master - 0 0 1 connected`
const OTHER = `${ID('o')} 10.0.0.1:7000@17000,,tls-port=0,shard-id=${ID('t')} master - 0 0 2 connected`
const VARS = 'vars currentEpoch 2 lastVoteEpoch 0'

const file = (mine: string, theirs: string) => `${MYSELF} ${mine}\n${OTHER} ${theirs}\n${VARS}\n`

describe('the start', () => {
  test('without a file a node is born, and written down for good', () => {
    const { host, cluster } = newCluster()
    const { id, shardId } = cluster.myself
    assert.equal(
      host.content,
      `${id} :6379@16379,,tls-port=0,shard-id=${shardId} myself,master - 0 0 0 connected\n` +
        'vars currentEpoch 0 lastVoteEpoch 0\n',
    )
    assert.equal(host.durable, true)
    assert.deepEqual(host.logged, [`No cluster configuration found, I'm ${id}`])
  })

  test('with one it goes on', () => {
    const { host, cluster } = newCluster(file('0-8191', '8192-16383'))
    assert.equal(cluster.myself.id, ID('m'))
    assert.equal(
      cluster.topology.count(() => true),
      SLOTS,
    )
    assert.deepEqual(host.logged, [`Node configuration loaded, I'm ${ID('m')}`])
  })
})

describe('what the configuration says', () => {
  test('is followed, and the file with it', async () => {
    const { host, cluster } = newCluster()
    const { myself } = cluster
    host.set('cluster-announce-ip', '1.2.3.4')
    host.set('cluster-announce-port', 7000)
    host.set('cluster-announce-bus-port', 7001)
    host.set('cluster-announce-tls-port', 7002)
    host.set('cluster-announce-hostname', 'host.example')
    host.set('cluster-announce-human-nodename', 'n1')
    host.set('cluster-announce-client-ipv4', '9.9.9.9')
    host.set('cluster-replica-no-failover', 'yes')
    cluster.followSettings()
    await settled()
    assert.match(
      host.content!,
      / 1\.2\.3\.4:7000@7001,host\.example,client-ipv4=9\.9\.9\.9,tls-port=7002,nodename=n1,shard-id=\d{40} myself,master,nofailover - /,
    )
    host.set('cluster-announce-ip', '')
    host.set('cluster-announce-port', 0)
    host.set('cluster-replica-no-failover', 'no')
    cluster.followSettings()
    assert.deepEqual([myself.ip, myself.port], ['', 6379])
    assert.equal(myself.is(NO_FAILOVER), false)
  })

  test('an address learned before stays where none is announced', () => {
    const { cluster } = newCluster(file('0-8191', '').replace(' :6379@', ' 10.1.1.1:6379@'))
    assert.equal(cluster.myself.ip, '10.1.1.1')
  })

  test('the address for clients', () => {
    const { host, cluster } = newCluster()
    const { myself } = cluster
    myself.ip = '10.0.0.1'
    myself.clientIpv6 = '::1'
    assert.equal(cluster.endpointOf(myself, BY_IPV4), '10.0.0.1')
    assert.equal(cluster.endpointOf(myself, BY_IPV6), '::1')
    host.set('cluster-preferred-endpoint-type', 'hostname')
    assert.equal(cluster.endpointOf(myself, BY_IPV4), '?')
    myself.hostname = 'h'
    assert.equal(cluster.endpointOf(myself, BY_IPV4), 'h')
    host.set('cluster-preferred-endpoint-type', 'unknown-endpoint')
    assert.equal(cluster.endpointOf(myself, BY_IPV4), '')
  })
})

describe('changes', () => {
  test('that come together are written once, and on the disk if one of them must be', async () => {
    const { host, cluster } = newCluster()
    const before = host.writes
    cluster.changed('state', 'file')
    cluster.changed('disk')
    cluster.changed('file')
    assert.equal(host.writes, before)
    await settled()
    assert.equal(host.writes, before + 1)
    assert.equal(host.durable, true)
    cluster.changed('file')
    await settled()
    assert.equal(host.durable, false)
    cluster.changed('state')
    await settled()
    assert.equal(host.writes, before + 2)
  })

  test('that cannot be written end the server', async () => {
    const { host, cluster } = newCluster()
    host.failure = new Error('No space left on device')
    cluster.changed('file')
    await settled()
    assert.equal(host.gaveUp, true)
    assert.deepEqual(host.logged.slice(1), [
      'Could not save the cluster config file: No space left on device',
      "Fatal: can't update cluster config file.",
    ])
  })

  test('at the end they cannot be helped', () => {
    const { host, cluster } = newCluster()
    host.failure = new Error('No space left on device')
    cluster.saveBeforeExit()
    assert.equal(host.gaveUp, false)
  })

  test('of the epoch', async () => {
    const { host, cluster } = newCluster()
    assert.equal(cluster.bumpEpoch(), true)
    assert.equal(cluster.bumpEpoch(), false)
    await settled()
    assert.match(host.content!, /connected\nvars currentEpoch 1 /)
    assert.equal(host.logged.at(-1), 'New configEpoch set to 1')
  })

  test('a reset', async () => {
    const { host, cluster } = newCluster(file('0-8191', '8192-16383'))
    cluster.reset(true)
    await settled()
    assert.equal(host.content!.split('\n').length, 3)
    assert.doesNotMatch(host.content!, /mmmm|oooo| 0-/)
  })
})

describe('forgetting a node', () => {
  test('is remembered for a while', () => {
    const { host, cluster } = newCluster(file('0-8191', '8192-16383'))
    host.set('cluster-blacklist-ttl', 10)
    assert.equal(cluster.isForgotten(ID('o')), false)
    cluster.forget(cluster.topology.nodes.get(ID('o'))!)
    assert.equal(
      cluster.topology.count(() => true),
      8192,
    )
    host.time += 10_000
    assert.equal(cluster.isForgotten(ID('o')), true)
    host.time += 1
    assert.equal(cluster.isForgotten(ID('o')), false)
  })
})

describe('time', () => {
  function ticking(mine: string, theirs: string) {
    const { host, cluster } = newCluster(file(mine, theirs))
    host.set('cluster-node-timeout', 5000)
    const other = cluster.topology.nodes.get(ID('o'))!
    const pass = (milliseconds: number) => {
      for (let t = 0; t < milliseconds; t += 100) {
        host.time += 100
        cluster.tick()
      }
    }
    return { host, cluster, other, pass }
  }

  test('a node that is never heard of is lost, and with it the majority', () => {
    const { cluster, other, pass } = ticking('0-8191', '8192-16383')
    pass(5000)
    assert.equal(cluster.state.isUp, true)
    assert.equal(other.flags & (PFAIL | FAIL), 0)
    pass(200)
    assert.equal(other.flags & (PFAIL | FAIL), PFAIL)
    assert.equal(cluster.state.isUp, false)
  })

  test('where this node alone decides it has failed for all', async () => {
    const { host, cluster, other, pass } = ticking('0-16383', '')
    pass(5200)
    await settled()
    assert.equal(other.flags & (PFAIL | FAIL), FAIL)
    assert.equal(cluster.state.isUp, true)
    assert.match(host.content!, /oooo 10\.0\.0\.1:7000@17000,,tls-port=0,shard-id=t+ master,fail - /)
    assert.ok(host.logged.includes(`Marking node ${ID('o')} () as failing (quorum reached).`))
  })

  test('a node without slots has no say', () => {
    const { host, other, pass } = ticking('', '0-16383')
    pass(5200)
    assert.equal(other.flags & (PFAIL | FAIL), PFAIL)
    assert.ok(host.logged.includes(`NODE ${ID('o')} () possibly failing.`))
  })
})
