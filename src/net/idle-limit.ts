/**
 * How long a client may be silent: `timeout`. Who waits for something, or only listens, may be for as long as it likes.
 */
import type { Client } from '../engine/client.ts'
import type { NetworkSettings } from './ports.ts'

/** `now` is in Unix ms. */
export function isIdleTooLong(client: Client, { timeout }: NetworkSettings, now: number): boolean {
  if (timeout === 0 || client.isMonitor || client.suspended) return false
  if (client.subscriptions + client.shardSubscriptions > 0) return false
  return Math.floor(now / 1000) - Math.floor(client.lastActive / 1000) > timeout
}
