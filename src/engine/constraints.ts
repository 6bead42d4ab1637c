/**
 * What keeps commands from simply running, one bit each. A client and a server without any of them are the common case,
 * which one test lets through (Engine.execute); with any, a command is asked about one by one (gate.ts).
 */

// Of a client.
export const UNAUTHENTICATED = 1 << 0
export const IN_TRANSACTION = 1 << 1
export const SUBSCRIBED = 1 << 2
/** CLIENT REPLY is not ON. */
export const REPLIES_HELD = 1 << 3
/** Its user may not do everything. */
export const RESTRICTED = 1 << 4
/** It watches with MONITOR. */
export const MONITORING = 1 << 5

// Of the server.
export const MEMORY_LIMITED = 1 << 16
export const PAUSED = 1 << 17
/** A script is late, and clients are served meanwhile. */
export const BUSY = 1 << 18
export const CLIENTS_LIMITED = 1 << 19
/** It is a cluster's node. */
export const CLUSTERED = 1 << 20
/** The memory for keys is nearly used up, or was a moment ago. */
export const MEMORY_SHORT = 1 << 21

/** Those of the server. */
export class Constraints {
  bits = 0

  set(constraint: number, holds: boolean): void {
    this.bits = holds ? this.bits | constraint : this.bits & ~constraint
  }
}
