/**
 * Clients whose command waits for something: their pipeline rests until it comes, the time is over, or CLIENT UNBLOCK.
 */

import { Bytes } from '../memory/bytes.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import { RespWriter } from '../protocol/resp-writer.ts'
import type { Client } from './client.ts'

/** The longest time a timer can be set for; a longer wait is cut to it (24 days). */
const TIMER_MAX_MS = 2 ** 31 - 1

interface Wait {
  readonly timer: ReturnType<typeof setTimeout> | undefined
  readonly onTimeout: (reply: ReplySink) => void
}

export class BlockedClients {
  private readonly waits = new Map<Client, Wait>()

  get count(): number {
    return this.waits.size
  }

  /** `milliseconds` 0: without end. */
  block(client: Client, milliseconds: number, onTimeout: (reply: ReplySink) => void): void {
    const timer =
      milliseconds === 0
        ? undefined
        : setTimeout(() => this.answer(client, onTimeout), Math.min(milliseconds, TIMER_MAX_MS))
    client.suspended = true
    this.waits.set(client, { timer, onTimeout })
  }

  /** As if the time were over, or with an error; false when the client does not wait. */
  unblock(client: Client, withError: boolean): boolean {
    const wait = this.waits.get(client)
    if (wait === undefined) return false
    clearTimeout(wait.timer)
    this.answer(
      client,
      withError ? (reply) => reply.error('UNBLOCKED client unblocked via CLIENT UNBLOCK') : wait.onTimeout,
    )
    return true
  }

  /** The connection is gone. */
  forget(client: Client): void {
    clearTimeout(this.waits.get(client)?.timer)
    this.waits.delete(client)
  }

  private answer(client: Client, write: (reply: ReplySink) => void): void {
    this.waits.delete(client)
    const writer = new RespWriter()
    writer.protocol = client.protocol
    write(writer)
    if (client.replyMode === 'on') client.transport?.enqueue(new Bytes(writer.buffer, 0, writer.length))
    // Not within the command that unblocked it.
    setImmediate(() => {
      client.suspended = false
      client.transport?.resume()
    })
  }
}
