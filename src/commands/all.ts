/**
 * Every command of the server.
 */
import { aclCommands } from './acl.ts'
import { bitmapCommands } from './bitmap.ts'
import { clientCommands } from './client.ts'
import { commandCommands } from './command.ts'
import { configCommands } from './config.ts'
import { connectionCommands } from './connection.ts'
import { counterCommands } from './counter.ts'
import { debugCommands } from './debug.ts'
import { expireCommands } from './expire.ts'
import { functionCommands } from './functions.ts'
import { hashCommands } from './hash.ts'
import { keyCommands } from './keys.ts'
import { databaseCommands } from './keys-database.ts'
import { latencyCommands } from './latency.ts'
import { listCommands } from './list.ts'
import { lolwutCommands } from './lolwut.ts'
import { objectCommands } from './object.ts'
import { memoryCommands } from './object-memory.ts'
import { pubsubCommands } from './pubsub.ts'
import { scanCommands } from './scan.ts'
import { scriptingCommands } from './scripting.ts'
import { serializationCommands } from './serialization.ts'
import { serverCommands } from './server.ts'
import { setCommands } from './set.ts'
import { slowlogCommands } from './slowlog.ts'
import { sortCommands } from './sort.ts'
import { sortedSetCommands } from './sorted-set.ts'
import type { CommandSpec } from './spec.ts'
import { stringCommands } from './string.ts'
import { lcsCommands } from './string-lcs.ts'
import { stringRangeCommands } from './string-range.ts'
import { transactionCommands } from './transactions.ts'

export const ALL_COMMANDS: readonly CommandSpec[] = [
  ...connectionCommands,
  ...clientCommands,
  ...serverCommands,
  ...configCommands,
  ...commandCommands,
  ...slowlogCommands,
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
  ...functionCommands,
]
