/**
 * Every command of the server.
 */
import { aclCommands } from './acl/acl.ts'
import { bitmapCommands } from './bitmap/bitmap.ts'
import { clientCommands } from './client/client.ts'
import { clusterCommands } from './cluster/cluster.ts'
import { clusterSessionCommands } from './cluster/session.ts'
import { connectionCommands } from './connection/connection.ts'
import { hashCommands } from './hash/hash.ts'
import { databaseCommands } from './keys/database.ts'
import { expireCommands } from './keys/expire.ts'
import { keyCommands } from './keys/keys.ts'
import { memoryCommands } from './keys/memory.ts'
import { objectCommands } from './keys/object.ts'
import { scanCommands } from './keys/scan.ts'
import { serializationCommands } from './keys/serialization.ts'
import { sortCommands } from './keys/sort.ts'
import { listCommands } from './list/list.ts'
import { pubsubCommands } from './pubsub/pubsub.ts'
import { scriptingCommands } from './scripting/eval.ts'
import { fcallCommands } from './scripting/fcall.ts'
import { functionCommands } from './scripting/function.ts'
import { commandCommands } from './server/command.ts'
import { commandLogCommands } from './server/command-log.ts'
import { configCommands } from './server/config.ts'
import { debugCommands } from './server/debug.ts'
import { latencyCommands } from './server/latency.ts'
import { lolwutCommands } from './server/lolwut.ts'
import { serverCommands } from './server/server.ts'
import { setCommands } from './set/set.ts'
import { sortedSetCommands } from './sorted-set/sorted-set.ts'
import type { CommandSpec } from './spec.ts'
import { counterCommands } from './string/counter.ts'
import { lcsCommands } from './string/lcs.ts'
import { stringRangeCommands } from './string/range.ts'
import { stringCommands } from './string/string.ts'
import { transactionCommands } from './transaction/transaction.ts'

export const ALL_COMMANDS: readonly CommandSpec[] = [
  ...connectionCommands,
  ...clientCommands,
  ...serverCommands,
  ...configCommands,
  ...commandCommands,
  ...commandLogCommands,
  ...latencyCommands,
  ...aclCommands,
  ...debugCommands,
  ...lolwutCommands,
  ...keyCommands,
  ...databaseCommands,
  ...expireCommands,
  ...serializationCommands,
  ...scanCommands,
  ...sortCommands,
  ...objectCommands,
  ...memoryCommands,
  ...stringCommands,
  ...stringRangeCommands,
  ...lcsCommands,
  ...counterCommands,
  ...bitmapCommands,
  ...hashCommands,
  ...listCommands,
  ...setCommands,
  ...sortedSetCommands,
  ...pubsubCommands,
  ...transactionCommands,
  ...scriptingCommands,
  ...fcallCommands,
  ...functionCommands,
  ...clusterCommands,
  ...clusterSessionCommands,
]
