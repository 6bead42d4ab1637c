/**
 * How much input a client may have waiting: `client-query-buffer-limit`, and less for who has not authenticated.
 */
import type { Client } from '../engine/client.ts'
import type { NetworkSettings } from './ports.ts'

const UNAUTHENTICATED_BYTES_MAX = 1024 * 1024

/** Whether `waiting` bytes of input, and what is queued for EXEC, are too many. */
export function exceedsInputLimit(client: Client, waiting: number, settings: NetworkSettings): boolean {
  const held = waiting + client.queuedBytes
  if (held > UNAUTHENTICATED_BYTES_MAX && !client.authenticated) return true
  return held > settings['client-query-buffer-limit']
}
