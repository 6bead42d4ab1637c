/**
 * How much input a client may have waiting: `client-query-buffer-limit`, and less for who has not authenticated.
 */
import type { Client } from '../engine/client.ts'
import type { Turn } from './turn.ts'

const UNAUTHENTICATED_BYTES_MAX = 1024 * 1024

/** Whether `waiting` bytes of input, and what is queued for EXEC, are too many; says so in the log. */
export function exceedsInputLimit(client: Client, waiting: number, turn: Turn): boolean {
  const held = waiting + client.queuedBytes
  const isBeyond = held > UNAUTHENTICATED_BYTES_MAX && !client.authenticated
  if (!isBeyond && held <= turn.settings['client-query-buffer-limit']) return false
  turn.stats.clientsClosedForQueryBuffer++
  turn.log.warning(`Closing client that reached max query buffer length: ${turn.describe(client)}`)
  return true
}
