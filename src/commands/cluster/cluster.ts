/**
 * CLUSTER: the subcommands of a cluster's node.
 */

import { ADMIN, LOADING, MAY_REPLICATE, NO_ASYNC_LOADING, NOSCRIPT, STALE } from '../flags.ts'
import { replyHelp } from '../help.ts'
import type { CommandSpec } from '../spec.ts'
import { changeRanges, changeSlots, flushSlots } from './assignment.ts'
import { info, nodes, replicas, shards, slots } from './description.ts'
import { HELP } from './help-text.ts'
import { countKeysInSlot, getKeysInSlot, keySlot, slotStats } from './keys.ts'
import {
  bumpEpoch,
  countFailureReports,
  failover,
  forget,
  meet,
  replicate,
  reset,
  saveConfig,
  setConfigEpoch,
} from './membership.ts'
import { setSlot } from './set-slot.ts'
import { type ClusterHandler, ofCluster } from './support.ts'

/** Changes the cluster. */
const CHANGE = NO_ASYNC_LOADING | ADMIN | STALE
const LOOK = LOADING | STALE
const VARIES = ['nondeterministic_output']

interface Subcommand {
  readonly name: string
  readonly summary: string
  readonly since?: string
  readonly complexity?: string
  readonly arity: number
  readonly flags: number
  readonly tips?: readonly string[]
  readonly run: ClusterHandler
}

const PER_SLOT = 'O(N) where N is the total number of hash slot arguments'
const PER_RANGE =
  'O(N) where N is the total number of the slots between the start slot and end slot arguments.'
const PER_NODE = 'O(N) where N is the total number of Cluster nodes'
const PER_REPLICA = 'O(N) where N is the number of replicas.'

const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: 'addslots',
    summary: 'Makes this node serve slots.',
    complexity: PER_SLOT,
    arity: -3,
    flags: CHANGE,
    run: changeSlots(false),
  },
  {
    name: 'addslotsrange',
    summary: 'Makes this node serve ranges of slots.',
    since: '7.0.0',
    complexity: PER_RANGE,
    arity: -4,
    flags: CHANGE,
    run: changeRanges(false),
  },
  {
    name: 'bumpepoch',
    summary: "Makes this node's configuration the newest.",
    arity: 2,
    flags: CHANGE,
    tips: VARIES,
    run: bumpEpoch,
  },
  {
    name: 'count-failure-reports',
    summary: 'Counts the reports that a node has failed.',
    complexity: 'O(N) where N is the number of failure reports',
    arity: 3,
    flags: ADMIN | STALE,
    tips: VARIES,
    run: countFailureReports,
  },
  {
    name: 'countkeysinslot',
    summary: 'Counts the keys of a slot.',
    arity: 3,
    flags: STALE,
    run: countKeysInSlot,
  },
  {
    name: 'delslots',
    summary: 'Lets go of slots.',
    complexity: PER_SLOT,
    arity: -3,
    flags: CHANGE,
    run: changeSlots(true),
  },
  {
    name: 'delslotsrange',
    summary: 'Lets go of ranges of slots.',
    since: '7.0.0',
    complexity: PER_RANGE,
    arity: -4,
    flags: CHANGE,
    run: changeRanges(true),
  },
  {
    name: 'failover',
    summary: 'Makes a replica take the place of its primary.',
    arity: -2,
    flags: CHANGE,
    run: failover,
  },
  { name: 'flushslots', summary: 'Lets go of all slots.', arity: 2, flags: CHANGE, run: flushSlots },
  { name: 'forget', summary: 'Forgets another node.', arity: 3, flags: CHANGE, run: forget },
  {
    name: 'getkeysinslot',
    summary: 'Answers keys of a slot.',
    complexity: 'O(N) where N is the number of requested keys',
    arity: 4,
    flags: STALE,
    tips: VARIES,
    run: getKeysInSlot,
  },
  {
    name: 'help',
    summary: 'Describes the subcommands.',
    since: '5.0.0',
    arity: 2,
    flags: LOOK,
    run: (_cluster, _args, reply) => replyHelp(reply, 'CLUSTER', HELP),
  },
  {
    name: 'info',
    summary: 'Tells whether the cluster is up, and how it is served.',
    arity: 2,
    flags: LOOK,
    tips: VARIES,
    run: info,
  },
  {
    name: 'keyslot',
    summary: 'Answers the slot of a key.',
    complexity: 'O(N) where N is the number of bytes in the key',
    arity: 3,
    flags: STALE,
    run: keySlot,
  },
  {
    name: 'links',
    summary: 'Lists the connections to other nodes.',
    since: '7.0.0',
    complexity: PER_NODE,
    arity: 2,
    flags: STALE,
    tips: VARIES,
    // There are none.
    run: (_cluster, _args, reply) => reply.array(0),
  },
  { name: 'meet', summary: 'Makes another node known.', arity: -4, flags: CHANGE, run: meet },
  {
    name: 'myid',
    summary: 'Answers the id of this node.',
    arity: 2,
    flags: LOOK,
    run: (cluster, _args, reply) => reply.text(cluster.myself.id),
  },
  {
    name: 'myshardid',
    summary: "Answers the id of this node's shard.",
    since: '7.2.0',
    arity: 2,
    flags: LOOK,
    tips: VARIES,
    run: (cluster, _args, reply) => reply.text(cluster.myself.shardId),
  },
  {
    name: 'nodes',
    summary: 'Describes all nodes, a line each.',
    complexity: PER_NODE,
    arity: 2,
    flags: LOOK,
    tips: VARIES,
    run: nodes,
  },
  {
    name: 'replicas',
    summary: 'Describes the replicas of a primary.',
    since: '5.0.0',
    complexity: PER_REPLICA,
    arity: 3,
    flags: ADMIN | STALE,
    tips: VARIES,
    run: replicas,
  },
  {
    name: 'replicate',
    summary: 'Makes this node the replica of another.',
    arity: 3,
    flags: CHANGE,
    run: replicate,
  },
  {
    name: 'reset',
    summary: 'Makes this node forget the cluster.',
    complexity:
      'O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.',
    arity: -2,
    flags: ADMIN | STALE | NOSCRIPT,
    run: reset,
  },
  {
    name: 'saveconfig',
    summary: 'Writes what this node knows of the cluster to its file.',
    arity: 2,
    flags: CHANGE,
    run: saveConfig,
  },
  {
    name: 'set-config-epoch',
    summary: 'Sets the configuration epoch of a new node.',
    arity: 3,
    flags: CHANGE,
    run: setConfigEpoch,
  },
  {
    name: 'setslot',
    summary: 'Says what becomes of a slot.',
    arity: -4,
    flags: CHANGE | MAY_REPLICATE,
    run: setSlot,
  },
  {
    name: 'shards',
    summary: 'Describes the nodes and the slots they serve, by shard.',
    since: '7.0.0',
    complexity: PER_NODE,
    arity: 2,
    flags: LOOK,
    tips: VARIES,
    run: shards,
  },
  {
    name: 'slaves',
    summary: 'Describes the replicas of a primary.',
    complexity: PER_REPLICA,
    arity: 3,
    flags: ADMIN | STALE,
    tips: VARIES,
    run: replicas,
  },
  {
    name: 'slot-stats',
    summary: 'Answers figures of the slots that this node serves.',
    since: '8.0.0',
    complexity:
      'O(N) where N is the total number of slots based on arguments. O(N*log(N)) with ORDERBY subcommand.',
    arity: -4,
    flags: LOOK,
    tips: [...VARIES, 'request_policy:all_shards'],
    run: slotStats,
  },
  {
    name: 'slots',
    summary: 'Tells which node serves which slots.',
    complexity: PER_NODE,
    arity: 2,
    flags: LOOK,
    tips: VARIES,
    run: slots,
  },
]

export const clusterCommands: readonly CommandSpec[] = [
  {
    name: 'cluster',
    summary: 'The cluster this server is a node of.',
    since: '3.0.0',
    complexity: 'Depends on subcommand.',
    group: 'cluster',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: SUBCOMMANDS.map(({ run, ...spec }) => ({
      since: '3.0.0',
      complexity: 'O(1)',
      group: 'cluster',
      acl: [],
      keys: [],
      ...spec,
      run: ofCluster(run),
    })),
  },
]
