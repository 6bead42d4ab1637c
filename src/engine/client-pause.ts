/**
 * CLIENT PAUSE: holds back commands until a moment, and the clients that sent them.
 */
import { MAY_REPLICATE, WRITE } from '../commands/flags.ts'
import type { Command } from '../commands/table.ts'
import type { Args } from '../memory/args.ts'
import type { Client } from './client.ts'
import type { Clock } from './clock.ts'
import { type Constraints, PAUSED } from './constraints.ts'

/** The longest time a timer can be set for; beyond it, it is set again. */
const TIMER_MAX_MS = 2 ** 31 - 1

const CHANGES = WRITE | MAY_REPLICATE

export interface PauseState {
  /** What is held back. */
  readonly actions: 'write' | 'all'
  readonly leftMs: number
}

export class ClientPause {
  /** Unix ms at which the pause ends, 0 when there is none. */
  private until = 0
  private writesOnly = false
  private waiting = new Set<Client>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly clock: Clock
  private readonly constraints: Constraints

  constructor(clock: Clock, constraints: Constraints) {
    this.clock = clock
    this.constraints = constraints
  }

  /** Nothing is to change of itself either: no expiry, no eviction. */
  get active(): boolean {
    return this.until > this.clock.now
  }

  /** Clients that wait for its end. */
  get count(): number {
    return this.waiting.size
  }

  /** What INFO says of it; undefined when there is none. */
  get state(): PauseState | undefined {
    if (!this.active) return undefined
    return { actions: this.writesOnly ? 'write' : 'all', leftMs: this.until - this.clock.now }
  }

  begin(until: number, writesOnly: boolean): void {
    const loosens = this.active && writesOnly && !this.writesOnly
    this.writesOnly = writesOnly
    this.until = Math.max(this.until, until)
    this.constraints.set(PAUSED, true)
    this.schedule()
    if (loosens || !this.active) this.resumeAll()
  }

  end(): void {
    this.until = 0
    this.constraints.set(PAUSED, false)
    clearTimeout(this.timer)
    this.resumeAll()
  }

  /** Whether the command, with the flags of its request, may not run yet; if so, hand it to `postpone`. */
  holds(command: Command, flags: number, client: Client): boolean {
    if (this.until === 0) return false
    if (!this.active) {
      this.end()
      return false
    }
    if (!this.writesOnly || (flags & CHANGES) !== 0) return true
    return command.name === 'exec' && (client.queue?.some((q) => (q.flags & CHANGES) !== 0) ?? false)
  }

  postpone(client: Client, args: Args): void {
    client.postponed = args.detach()
    client.suspended = true
    this.waiting.add(client)
  }

  /** The connection is gone. */
  forget(client: Client): void {
    this.waiting.delete(client)
  }

  private schedule(): void {
    clearTimeout(this.timer)
    const left = this.until - this.clock.now
    if (left <= 0) return
    this.timer = setTimeout(() => this.elapsed(), Math.min(left, TIMER_MAX_MS))
    // A pause alone is no reason for the process to live on.
    this.timer.unref()
  }

  private elapsed(): void {
    this.clock.tick()
    if (this.active) this.schedule()
    else this.end()
  }

  /** They try again, and may be held back again; not within the command that ended the pause. */
  private resumeAll(): void {
    if (this.waiting.size === 0) return
    setImmediate(() => {
      const clients = this.waiting
      this.waiting = new Set()
      for (const client of clients) {
        client.suspended = false
        client.transport?.resume()
      }
    })
  }
}
