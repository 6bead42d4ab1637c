/**
 * How much output a client may leave unread: `client-output-buffer-limit`, and less for who has not authenticated.
 */
import type { OutputLimit } from '../config/special.ts'
import type { Client } from '../engine/client.ts'
import type { NetworkSettings } from './ports.ts'
import type { Turn } from './turn.ts'

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
  private readonly turn: Turn
  private readonly client: Client
  /** Unix seconds since when it has been beyond the soft limit, 0 when it is not. */
  private softSince = 0

  constructor(turn: Turn, client: Client) {
    this.turn = turn
    this.client = client
  }

  /** Whether the client is to be closed, with `pending` bytes of output; says so in the log. */
  exceeded(pending: number): boolean {
    if (!this.isBeyond(pending - UNCOUNTED_BYTES)) return false
    const { stats, log } = this.turn
    stats.clientsClosedForOutputBuffer++
    const line = this.turn.describe(this.client)
    log.warning(`Client ${line} scheduled to be closed ASAP for overcoming of output buffer limits.`)
    return true
  }

  private isBeyond(counted: number): boolean {
    if (counted <= 0) {
      this.softSince = 0
      return false
    }
    if (!this.client.authenticated && counted > UNAUTHENTICATED_BYTES_MAX) return true
    const { hard, soft, softSeconds } = outputLimitOf(this.client, this.turn.settings)
    if (hard > 0 && counted >= hard) return true
    if (soft === 0 || counted < soft) {
      this.softSince = 0
      return false
    }
    const seconds = Math.floor(this.turn.clock.now / 1000)
    if (this.softSince === 0) this.softSince = seconds
    return seconds - this.softSince > softSeconds
  }
}
