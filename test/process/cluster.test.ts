/**
 * The file of a cluster's node: written so that a node is the same after a restart, understood by Valkey and from it, used by
 * one process alone.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { TLS } from '../support/access.ts'
import {
  ALL_SLOTS,
  type Launch,
  MYSELF,
  nodesFile,
  OTHER,
  OTHER_ADDRESS,
  startNode,
  untilUp,
} from '../support/cluster.ts'
import {
  connect,
  freePort,
  noOracle,
  type RunningServer,
  startOracle,
  startPerilune,
} from '../support/server.ts'

let folder: string
let file: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perilune-nodes-'))
  file = join(folder, 'nodes.conf')
})
after(() => rm(folder, { recursive: true }))

async function startWithFile(launch: Launch, args: readonly string[] = []): Promise<RunningServer> {
  const bus = String(await freePort())
  return launch(['--cluster-enabled', 'yes', '--cluster-config-file', file, '--cluster-port', bus, ...args])
}

/** Asks a node some commands and ends it. */
async function ask(launch: Launch, ...commands: string[]): Promise<string[]> {
  const server = await startWithFile(launch)
  try {
    const connection = await connect(server.port)
    const replies: string[] = []
    for (const command of commands) replies.push(String(await connection.send(...command.split(' '))))
    await connection.close()
    return replies
  } finally {
    await server.stop()
  }
}

/** What a start that fails says. */
async function failure(args: readonly string[] = []): Promise<string> {
  try {
    await (await startWithFile(startPerilune, args)).stop()
  } catch (error) {
    return String(error)
  }
  return 'it started'
}

test('a node is the same after a restart', async () => {
  await rm(file, { force: true })
  const [id, shard] = await ask(
    startPerilune,
    'CLUSTER MYID',
    'CLUSTER MYSHARDID',
    'CLUSTER ADDSLOTS 1 2 3 5',
    'CLUSTER BUMPEPOCH',
    'CONFIG SET cluster-announce-hostname host.example',
  )
  assert.match(await readFile(file, 'utf8'), /^[0-9a-f]{40} :\d+@\d+,host\.example,tls-port=0,shard-id=/)
  const again = await ask(startPerilune, 'CLUSTER MYID', 'CLUSTER MYSHARDID', 'CLUSTER NODES')
  assert.deepEqual(again.slice(0, 2), [id, shard])
  assert.match(again[2]!, /myself,master - 0 0 1 connected 1-3 5\n$/)
})

describe('a file goes from one server to the other', { skip: noOracle }, () => {
  const QUESTIONS = ['CLUSTER MYID', 'CLUSTER MYSHARDID', 'CLUSTER INFO', 'CLUSTER NODES']
  /** Without what differs from start to start, and the messages in which Valkey looks for the others. */
  const essence = (replies: readonly string[]) =>
    replies.map((reply) =>
      reply
        .replace(/:\d+@\d+/g, '')
        .replace(/ \d+ (?=\d+ \d+ \w+connected)/g, ' PINGED ')
        .replace(/cluster_stats_messages_\w+:\d+\r\n/g, '')
        .split('\n')
        .sort()
        .join('\n'),
    )

  for (const [title, first, second] of [
    ['Perilune to Valkey', startPerilune, startOracle],
    ['Valkey to Perilune', startOracle, startPerilune],
  ] as const) {
    test(`${title}: a node alone`, async () => {
      await rm(file, { force: true })
      const written = await ask(
        first,
        'CLUSTER ADDSLOTSRANGE 0 100 200 16383',
        'CLUSTER BUMPEPOCH',
        ...QUESTIONS,
      )
      assert.deepEqual(essence(await ask(second, ...QUESTIONS)), essence(written.slice(2)))
    })

    test(`${title}: one that knows others`, async () => {
      await writeFile(file, nodesFile('0-8191', '8192-16383'))
      const [, , , ...written] = await ask(
        first,
        `CLUSTER SETSLOT 5 MIGRATING ${OTHER}`,
        `CLUSTER SETSLOT 9000 IMPORTING ${OTHER}`,
        'CONFIG SET cluster-announce-human-nodename n1',
        ...QUESTIONS,
      )
      assert.deepEqual(essence(await ask(second, ...QUESTIONS)), essence(written))
    })
  }
})

test('clients that come by TLS are told the ports for TLS', async () => {
  const known = nodesFile('0-8191', '8192-16383').replace(
    `${OTHER_ADDRESS}@1,,tls-port=0`,
    `${OTHER_ADDRESS}@1,,tls-port=7`,
  )
  const node = await untilUp(
    await startNode(startPerilune, known, ['--cluster-announce-port', '5'], undefined, TLS),
  )
  try {
    const connection = await node.connect()
    assert.deepEqual(await connection.send('GET', 'foo'), { error: 'MOVED 12182 127.0.0.1:7' })
    assert.deepEqual(await connection.send('CLUSTER', 'SLOTS'), [
      [0, 8191, ['', node.port, MYSELF, []]],
      [8192, 16383, ['127.0.0.1', 7, OTHER, []]],
    ])
    assert.match(
      String(await connection.send('CLUSTER', 'NODES')),
      new RegExp(`^${OTHER} 127.0.0.1:7@1 `, 'm'),
    )
    const shards = JSON.stringify(await connection.send('CLUSTER', 'SHARDS'))
    assert.match(shards, new RegExp(`"port",5,"tls-port",${node.port},`))
    await connection.close()
  } finally {
    await node.stop()
  }
})

describe('a node', () => {
  test('saves its file when it ends', async () => {
    await writeFile(file, ALL_SLOTS)
    const server = await startWithFile(startPerilune)
    await writeFile(file, '')
    await server.stop()
    assert.match(await readFile(file, 'utf8'), new RegExp(`^${MYSELF} `))
    assert.match(server.output(), /Saving the cluster configuration file before exiting\./)
  })

  test('says what it is when it starts', async () => {
    await writeFile(file, ALL_SLOTS)
    const server = await startWithFile(startPerilune)
    await server.stop()
    assert.match(
      server.output(),
      /# WARNING: Changing databases number from 16 to 1 since we are in cluster mode\n/,
    )
    assert.match(server.output(), new RegExp(`Running mode=cluster, port=${server.port}\\.`))
    assert.match(server.output(), new RegExp(`Node configuration loaded, I'm ${MYSELF}`))
  })

  test('does not start from a file it does not understand', async () => {
    await writeFile(file, 'not a node\n')
    assert.match(await failure(), /Unrecoverable error: corrupted cluster config file "not a node"\./)
    assert.equal(await readFile(file, 'utf8'), 'not a node\n')
  })

  test('does not start as a replica', async () => {
    await writeFile(file, ALL_SLOTS.replace('myself,master - ', `myself,slave ${OTHER} `))
    assert.match(
      await failure(),
      /Replication is not supported \(this node is a replica in .*nodes\.conf\), exiting\./,
    )
  })

  test('does not share its file', {
    skip: process.platform !== 'linux' && 'there are no locks',
  }, async () => {
    await writeFile(file, ALL_SLOTS)
    const server = await startWithFile(startPerilune)
    try {
      assert.match(await failure(), /nodes\.conf is already used by a different Cluster node\./)
    } finally {
      await server.stop()
    }
    assert.equal(await failure(), 'it started')
  })

  test('ends when its file cannot be written', async () => {
    const own = await mkdtemp(join(tmpdir(), 'perilune-nodes-'))
    const server = await startWithFile(startPerilune, ['--cluster-config-file', join(own, 'nodes.conf')])
    const connection = await connect(server.port)
    await rm(own, { recursive: true })
    assert.deepEqual(await connection.send('CLUSTER', 'SAVECONFIG'), {
      error: 'ERR error saving the cluster node config: No such file or directory',
    })
    connection.write('CLUSTER ADDSLOTS 1\r\n')
    assert.equal(await server.exited, 1)
    assert.match(server.output(), /Fatal: can't update cluster config file\./)
    await connection.close()
    await server.stop()
  })
})
