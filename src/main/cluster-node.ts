/**
 * Makes this process a cluster's node: its configuration file, which one process alone may use, and what of the rest of the
 * configuration it follows.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { platform } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { Cluster, type NodesFile } from '../cluster/cluster.ts'
import { REPLICA } from '../cluster/node.ts'
import { CorruptNodesFile } from '../cluster/nodes-file.ts'
import type { Config, DirectiveName } from '../config.ts'
import type { Log } from '../log.ts'
import { inSystemWords, systemWords } from '../system-error.ts'
import { replaceFile } from './replace-file.ts'
import { StartupError } from './startup-config.ts'
import { randomId } from './system-figures.ts'

/** What CONFIG SET may change of how the node describes itself. */
const OF_MYSELF: readonly DirectiveName[] = [
  'cluster-announce-ip',
  'cluster-announce-port',
  'cluster-announce-tls-port',
  'cluster-announce-bus-port',
  'cluster-announce-hostname',
  'cluster-announce-human-nodename',
  'cluster-announce-client-ipv4',
  'cluster-announce-client-ipv6',
  'cluster-replica-no-failover',
]

/** Null without `cluster-enabled`. Throws StartupError. */
export async function openCluster(config: Config, log: Log): Promise<Cluster | null> {
  const { values } = config
  if (!values['cluster-enabled']) return null
  const name = values['cluster-config-file']
  // The folder may be changed later.
  const file = Buffer.from(isAbsolute(name) ? name : join(values.dir, name), 'latin1')
  await lock(file, name)
  try {
    const cluster = new Cluster({
      settings: values,
      log,
      file: nodesFile(file, name),
      randomId,
      now: Date.now,
      giveUp: () => process.exit(1),
    })
    if (cluster.myself.is(REPLICA)) {
      throw new StartupError(`Replication is not supported (this node is a replica in ${name}), exiting.`)
    }
    const follow = () => cluster.followSettings()
    for (const directive of OF_MYSELF) config.onChange(directive, follow)
    return cluster
  } catch (error) {
    throw error instanceof CorruptNodesFile ? new StartupError(error.message) : error
  }
}

/**
 * Two nodes with one file would take each other's place. The lock is a name in the system's table of Unix sockets: it goes
 * with the process, however that ends. Only Linux has such names.
 */
async function lock(file: Buffer, name: string): Promise<void> {
  if (platform() !== 'linux') return
  const id = createHash('sha1').update(file).digest('hex')
  const holder = createServer()
  await new Promise<void>((done, failed) => {
    holder.once('error', () => {
      const advice = 'Please make sure that different nodes use different cluster configuration files.'
      const problem = `Sorry, the cluster configuration file ${name} is already used by a different Cluster node.`
      failed(new StartupError(`${problem} ${advice}`))
    })
    holder.listen(`\0perilune-nodes-file-${id}`, done)
  })
  holder.unref()
}

function nodesFile(file: Buffer, name: string): NodesFile {
  return {
    read() {
      try {
        return readFileSync(file, 'latin1') || undefined
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw new StartupError(`Loading the cluster node config from ${name}: ${systemWords(error)}`)
      }
    },
    write: (text, durable) => inSystemWords(() => replaceFile(file, text, durable)),
  }
}
