/**
 * How much output a client may leave unread: `client-output-buffer-limit`, and less for who has not authenticated.
 */
import type { OutputLimit } from '../config/special.ts'
import type { Client } from '../engine/client.ts'
import type { NetworkSettings } from './ports.ts'

/** The limits count what is beyond it: Valkey's clients have a reply buffer of this size that does not count. */
export const UNCOUNTED_BYTES = 16 * 1024
const UNAUTHENTICATED_BYTES_MAX = 1024

/** The limits of the client's class: those of subscribers, or the normal ones (monitors have these too). */
export function outputLimitOf(client: Client, settings: NetworkSettings): OutputLimit {
  const limits = settings['client-output-buffer-limit']
  return client.subscriptions + client.shardSubscriptions > 0 ? limits.pubsub : limits.normal
}

/** Watches one client. */
export class OutputGuard {
  /** Unix seconds since when it has been beyond the soft limit, 0 when it is not. */
  private softSince = 0

  /** Whether the client is to be closed, with `pending` bytes of output. `now` is in Unix ms. */
  exceeded(client: Client, pending: number, settings: NetworkSettings, now: number): boolean {
    const counted = pending - UNCOUNTED_BYTES
    if (counted <= 0) {
      this.softSince = 0
      return false
    }
    if (!client.authenticated && counted > UNAUTHENTICATED_BYTES_MAX) return true
    const { hard, soft, softSeconds } = outputLimitOf(client, settings)
    if (hard > 0 && counted >= hard) return true
    if (soft === 0 || counted < soft) {
      this.softSince = 0
      return false
    }
    const seconds = Math.floor(now / 1000)
    if (this.softSince === 0) this.softSince = seconds
    return seconds - this.softSince > softSeconds
  }
}
