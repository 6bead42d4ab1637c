/**
 * `metrics-token` as it is handed to the metrics thread.
 */
import { createHash } from 'node:crypto'

export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token, 'latin1').digest()
}

/** Null where no token is set. */
export function tokenHash(token: string): Uint8Array | null {
  return token === '' ? null : hashOf(token)
}
