import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { SLOTS } from '../../../src/cluster/hash-slot.ts'
import { FAIL, MYSELF, NO_ADDRESS, NO_FAILOVER, PFAIL, PRIMARY, REPLICA } from '../../../src/cluster/node.ts'
import { CorruptNodesFile, readNodesFile, writeNodesFile } from '../../../src/cluster/nodes-file.ts'
import { Topology } from '../../../src/cluster/topology.ts'
import { ID } from './fake-host.ts'

const NOW = 5000
let ids = 0
const randomId = () => String(++ids).padStart(40, '0')
const read = (text: string) => readNodesFile(text, randomId, NOW)

/** As Valkey 8.1 wrote it. */
const VALKEY_FILE = `${ID('a')} 127.0.0.1:7399@17399,host.example,tls-port=0,nodename=n2,shard-id=${ID('s')} master - 1795602930531 0 2 disconnected 8192-16383
${ID('c')} 127.0.0.1:7398@17398,,tls-port=0,shard-id=${ID('s')} slave,fail? ${ID('a')} 1795602930531 0 2 disconnected
${ID('m')} :7391@17391,,tls-port=0,shard-id=${ID('d')} myself,master - 0 0 1 connected 0-5 7 9-8191 [9->-${ID('a')}] [8200-<-${ID('a')}]
vars currentEpoch 2 lastVoteEpoch 1
`

describe('what Valkey writes', () => {
  test('is understood', () => {
    const topology = read(VALKEY_FILE)
    const { myself, nodes } = topology
    const other = nodes.get(ID('a'))!
    const replica = nodes.get(ID('c'))!
    assert.equal(myself.id, ID('m'))
    assert.equal(myself.flags, MYSELF | PRIMARY)
    assert.equal(myself.shardId, ID('d'))
    assert.equal(myself.slots, 8190)
    assert.equal(topology.owner(6), null)
    assert.equal(topology.owner(7), myself)
    assert.equal(topology.owner(16383), other)
    assert.equal(topology.migrating.get(9), other)
    assert.equal(topology.importing.get(8200), other)
    assert.deepEqual([topology.currentEpoch, topology.lastVoteEpoch], [2n, 1n])
    assert.deepEqual([other.ip, other.port, other.busPort], ['127.0.0.1', 7399, 17399])
    assert.deepEqual([other.hostname, other.nodename, other.configEpoch], ['host.example', 'n2', 2n])
    assert.equal(other.pingSent, NOW, 'it is waited for anew')
    assert.equal(replica.primary, other)
    assert.deepEqual(other.replicas, [replica])
    assert.equal(replica.epoch, 2n)
  })

  test('is written like that', () => {
    assert.equal(writeNodesFile(read(VALKEY_FILE)).replaceAll(` ${NOW} 0 `, ' 1795602930531 0 '), VALKEY_FILE)
  })
})

describe('older and stranger files', () => {
  const line = (address: string, rest = 'myself,master - 0 0 0 connected') =>
    `${ID('m')} ${address} ${rest}\n`
  const myself = (text: string) => read(text).myself

  test('addresses', () => {
    const without = myself(line('10.0.0.1:6379'))
    assert.deepEqual([without.ip, without.port, without.busPort], ['10.0.0.1', 6379, 16379])
    const v6 = myself(line('::1:6379@6380'))
    assert.deepEqual([v6.ip, v6.port, v6.busPort], ['::1', 6379, 6380])
    // A node whose bus speaks TLS puts its TLS port first.
    const tls = myself(line('1.2.3.4:7000@17000,,tcp-port=6379'))
    assert.deepEqual([tls.port, tls.tlsPort], [6379, 7000])
    const clients = myself(line('1.2.3.4:1@2,,client-ipv4=9.9.9.9,client-ipv6=2001:db8::1'))
    const by4 = { overIpv6: false, overTls: false }
    const by6 = { overIpv6: true, overTls: false }
    assert.deepEqual([clients.ipFor(by4), clients.ipFor(by6)], ['9.9.9.9', '2001:db8::1'])
    assert.deepEqual([tls.portFor(by4), tls.portFor({ overIpv6: false, overTls: true })], [6379, 7000])
  })

  test('flags, blank lines, unknown variables', () => {
    const lost = `${ID('x')} :0@0 noaddr,primary - 0 0 0 disconnected\n`
    const topology = read(`\n${lost}${line(':1@2')}vars other 1 currentEpoch 7\n\n`)
    assert.equal(topology.nodes.get(ID('x'))!.flags, NO_ADDRESS | FAIL | PRIMARY)
    assert.equal(topology.currentEpoch, 7n)
  })

  test('an epoch below that of a node is raised', () => {
    assert.equal(read(line(':1@2', 'myself,master - 0 0 9 connected')).currentEpoch, 9n)
    const max = 2n ** 64n - 1n
    assert.equal(read(line(':1@2', `myself,master - 0 0 ${max}0 connected`)).myself.configEpoch, max)
  })

  test("a replica's epoch is its primary's", () => {
    const topology = read(
      `${line(':1@2', `myself,slave ${ID('p')} 0 0 5 connected`)}${ID('p')} :3@4 master - 0 0 8 connected\n`,
    )
    assert.equal(topology.myself.is(REPLICA), true)
    assert.equal(topology.myself.configEpoch, 0n)
    assert.equal(topology.myself.epoch, 8n)
  })

  test('what cannot be understood is refused', () => {
    for (const text of [
      '\n',
      'vars currentEpoch 1 lastVoteEpoch 0\n',
      'vars currentEpoch\n',
      `${line(':1@2')}vars currentEpoch\n`,
      'short line\n',
      line(':1@2', 'master - 0 0 0 connected'),
      line(':1@2').replace('m', 'M'),
      line('nothing'),
      line(':1@2,host,novalue'),
      line(':1@2,host,unknown=1'),
      line(':1@2,host,a=b=c'),
      line(':1@2,host,nodename=a*b'),
      line(':1@2,host,shard-id=short'),
      line(':1@2,host,tls-port=65536'),
      line(':1@2,host,tls-port='),
      line(':1@2,host,client-ipv4=1.2.3'),
      line(':1@2,host,client-ipv6=x'),
      line(':1@2', 'myself,wizard - 0 0 0 connected'),
      line(':1@2', 'myself,slave short 0 0 0 connected'),
      line(':1@2', 'myself,master - 0 0 0 connected 16384'),
      line(':1@2', 'myself,master - 0 0 0 connected 1-16384'),
      line(':1@2', 'myself,master - 0 0 0 connected x'),
      line(':1@2', `myself,master - 0 0 0 connected [16384->-${ID('x')}]`),
      line(':1@2', 'myself,master - 0 0 0 connected [1->-short]'),
      line(':1@2', 'myself,master - 0 0 0 connected [1]'),
      `${line(':1@2')}${line(':1@2').replace(ID('m'), ID('n'))}`,
    ]) {
      assert.throws(() => read(text), CorruptNodesFile, text)
    }
  })

  test('any text is understood or refused', () => {
    const piece = fc.constantFrom(
      ID('a'),
      ':1@2',
      ',',
      'myself',
      ',master',
      ' - ',
      ' 0 ',
      '[1->-',
      ']',
      '\n',
      'vars',
      '1-5',
      '=',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        try {
          read(pieces.join(''))
        } catch (error) {
          assert.ok(error instanceof CorruptNodesFile)
        }
      }),
    )
  })
})

describe('what is written', () => {
  const word = fc.stringMatching(/^[a-z0-9.-]{0,8}$/)
  const port = fc.nat(65535)
  const node = fc.record({
    ip: word,
    port,
    tlsPort: port,
    busPort: port,
    hostname: word,
    nodename: word,
    configEpoch: fc.bigInt(0n, 2n ** 64n - 1n),
    flags: fc.constantFrom(PRIMARY, PRIMARY | FAIL, PRIMARY | PFAIL | NO_FAILOVER),
  })
  const assignment = fc.record({ start: fc.nat(SLOTS - 1), length: fc.nat(2000), owner: fc.nat(2) })
  const topology = fc
    .record({
      nodes: fc.tuple(node, node, node),
      assignments: fc.array(assignment),
      open: fc.array(fc.nat(SLOTS - 1)),
    })
    .map(({ nodes, assignments, open }) => {
      const topology = Topology.alone(randomId)
      const known = [topology.myself, topology.findOrAdd(ID('x')), topology.findOrAdd(ID('y'))]
      for (const [i, { flags, ...facts }] of nodes.entries()) {
        Object.assign(known[i]!, facts)
        known[i]!.flags |= flags
      }
      topology.currentEpoch = topology.maxEpoch
      for (const { start, length, owner } of assignments) {
        const end = Math.min(SLOTS, start + length)
        for (let slot = start; slot < end; slot++) topology.assign(slot, known[owner]!)
      }
      for (const slot of open) (slot % 2 === 0 ? topology.migrating : topology.importing).set(slot, known[1]!)
      return topology
    })

  test('is read as it was', () => {
    fc.assert(
      fc.property(topology, (topology) => {
        const text = writeNodesFile(topology)
        assert.equal(writeNodesFile(read(text)), text)
      }),
      { numRuns: 50 },
    )
  })
})
