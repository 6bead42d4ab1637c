/**
 * What is between MULTI and EXEC, and the keys that are watched.
 */
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Client } from '../session.ts'

export interface Transactions {
  isOpen(client: Client): boolean
  begin(client: Client): void
  exec(reply: ReplySink): void
  discard(client: Client): void
  watch(client: Client, dbIndex: number, key: Bytes): void
  unwatch(client: Client): void
}
