/**
 * Clients that are shown all requests.
 */
import type { Args } from '../../memory/args.ts'
import type { Client } from '../session.ts'

export interface Monitor {
  /** Somebody watches. */
  readonly active: boolean
  /** Shows a request; only for commands that dispatch does not show (flag SKIP_MONITOR) but that are to be seen. */
  feed(client: Client, dbIndex: number, args: Args, inScript: boolean): void
  add(client: Client): void
  remove(client: Client): void
}
