/**
 * Nodes of a cluster for tests, Perilune's and Valkey's: alone with all slots, or with a second node that is only known from
 * the file of the cluster and does not exist.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'node:test'
import { type Access, PLAIN } from './access.ts'
import {
  freePort,
  noOracle,
  type RunningServer,
  type Servers,
  startOracle,
  startPerilune,
  suite,
} from './server.ts'
import { until } from './until.ts'

export const MYSELF = 'm'.repeat(40)
export const OTHER = 'o'.repeat(40)
export const REPLICA = 'r'.repeat(40)
export const MY_SHARD = 'a'.repeat(40)
export const OTHER_SHARD = 'b'.repeat(40)

/** Nobody listens there. */
export const OTHER_ADDRESS = '127.0.0.1:1'

const FIELDS = 'tls-port=0,shard-id='
const VARIABLES = 'vars currentEpoch 2 lastVoteEpoch 0'

/** Slots in the form of the file, `0-5 7`. */
export function nodesFile(mySlots: string, otherSlots?: string): string {
  const myself = `${MYSELF} :1@2,,${FIELDS}${MY_SHARD} myself,master - 0 0 1 connected ${mySlots}`
  if (otherSlots === undefined) return `${myself}\n${VARIABLES}\n`
  const other = `${OTHER} ${OTHER_ADDRESS}@1,,${FIELDS}${OTHER_SHARD} master - 0 0 2 connected ${otherSlots}`
  const replica = `${REPLICA} 127.0.0.1:2@2,,${FIELDS}${OTHER_SHARD} slave ${OTHER} 0 0 2 connected`
  return `${myself}\n${other}\n${replica}\n${VARIABLES}\n`
}

export const ALL_SLOTS = nodesFile('0-16383')

export type Launch = (args: readonly string[], access?: Access, port?: number) => Promise<RunningServer>

/** A node that starts from such a file; without one it is new. Its id of the bus's port is free. */
export async function startNode(
  launch: Launch,
  file?: string,
  args: readonly string[] = [],
  port?: number,
  access = PLAIN,
): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'perilune-node-'))
  const path = join(folder, 'nodes.conf')
  if (file !== undefined) await writeFile(path, file)
  const options = [
    ...['--cluster-enabled', 'yes', '--cluster-config-file', path],
    ...['--cluster-port', String(await freePort())],
    ...['--enable-debug-command', 'yes'],
    // Long, as the other node never answers.
    ...['--cluster-node-timeout', '3600000'],
    ...args,
  ]
  const server = await launch(options, access, port)
  const stop = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { ...server, stop }
}

/** The first two seconds of a node, in which it serves no keys. */
export async function untilUp(server: RunningServer): Promise<RunningServer> {
  const connection = await server.connect()
  await until(async () => String(await connection.send('CLUSTER', 'INFO')).includes('cluster_state:ok'))
  await connection.close()
  return server
}

/** Two nodes that know each other from their files: each serves half of the slots. */
export async function startPair(launch: Launch): Promise<readonly [RunningServer, RunningServer]> {
  const ports = [await freePort(), await freePort()] as const
  const line = (i: 0 | 1, flags: string) =>
    `${[MYSELF, OTHER][i]} 127.0.0.1:${ports[i]}@1,,${FIELDS}${[MY_SHARD, OTHER_SHARD][i]} ${flags} - 0 0 ${i + 1} ` +
    `connected ${['0-8191', '8192-16383'][i]}`
  const start = (i: 0 | 1) => {
    const lines = [line(i, 'myself,master'), line(i === 0 ? 1 : 0, 'master'), VARIABLES]
    return startNode(launch, `${lines.join('\n')}\n`, ['--cluster-announce-ip', '127.0.0.1'], ports[i])
  }
  const nodes = [await start(0), await start(1)] as const
  await Promise.all(nodes.map(untilUp))
  return nodes
}

/** Runs the same tests against a node of Perilune and one of Valkey, both up and started from the same file. */
export function onEachNode(
  title: string,
  define: (servers: Servers) => void,
  file: string = ALL_SLOTS,
  args: readonly string[] = [],
): void {
  const launch = (program: Launch) => async () => untilUp(await startNode(program, file, args))
  describe(`${title}: perilune`, () => suite(launch(startPerilune), define))
  describe(`${title}: valkey`, { skip: noOracle }, () => suite(launch(startOracle), define))
}
