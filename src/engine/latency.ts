/**
 * The latency monitor: events that took `latency-monitor-threshold` or longer, a short history of each kind.
 */
import type {
  LatencyEvent,
  LatencyMonitor as LatencyService,
  LatencySpike,
} from '../commands/services/latency.ts'

/** Spikes kept of each event. */
const HISTORY_MAX = 160

/** What is watched: commands, those of flag `fast` apart, and the removal of keys that expired or were evicted. */
export type LatencyEventName = 'command' | 'fast-command' | 'expire-cycle' | 'eviction-cycle' | 'eviction-del'

export interface LatencySettings {
  /** Milliseconds; 0: nothing is watched. */
  readonly 'latency-monitor-threshold': number
}

interface MutableEvent extends LatencyEvent {
  latest: LatencySpike
  worst: number
  total: number
  count: number
  readonly history: LatencySpike[]
}

export class LatencyMonitor implements LatencyService {
  private readonly byName = new Map<string, MutableEvent>()
  private readonly settings: LatencySettings

  constructor(settings: LatencySettings) {
    this.settings = settings
  }

  /** Milliseconds from which an event is a spike. */
  get threshold(): number {
    const threshold = this.settings['latency-monitor-threshold']
    return threshold === 0 ? Infinity : threshold
  }

  add(name: LatencyEventName, duration: number): void {
    const milliseconds = Math.floor(duration)
    const spike = { time: Math.floor(Date.now() / 1000), milliseconds }
    const event = this.byName.get(name)
    if (event === undefined) {
      const sums = { worst: milliseconds, total: milliseconds, count: 1 }
      this.byName.set(name, { name, latest: spike, ...sums, history: [spike] })
      return
    }
    const { history } = event
    event.worst = Math.max(event.worst, milliseconds)
    event.total += milliseconds
    event.count++
    if (event.latest.time === spike.time) {
      // One spike a second, the worst.
      if (event.latest.milliseconds >= milliseconds) return
      history.pop()
    }
    event.latest = spike
    history.push(spike)
    if (history.length > HISTORY_MAX) history.shift()
  }

  events(): readonly LatencyEvent[] {
    return [...this.byName.values()]
  }

  find(name: string): LatencyEvent | undefined {
    return this.byName.get(name)
  }

  reset(names: readonly string[]): number {
    if (names.length > 0) return names.filter((name) => this.byName.delete(name.toLowerCase())).length
    const count = this.byName.size
    this.byName.clear()
    return count
  }
}
