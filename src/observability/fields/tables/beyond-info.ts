/** Metrics with one value that no section of INFO has: what redis_exporter asks other commands for, and names of its mixin. */
import type { Metric } from '../field.ts'
import { ratio } from '../field.ts'
import type { InfoSource } from '../source.ts'

function gauge(name: string, help: string, read: (source: InfoSource) => number): Metric {
  return { type: 'gauge', name: `redis_${name}`, help, read }
}

export const BEYOND_INFO: readonly Metric[] = [
  gauge('slowlog_length', 'Entries of the slow log', (s) => s.slowlog.length),
  gauge('slowlog_last_id', 'Id of the newest entry of the slow log', (s) => Math.max(0, s.slowlog.count - 1)),
  gauge(
    'last_slow_execution_duration_seconds',
    'Time of the command that the newest entry of the slow log is about',
    (s) => s.slowlog.lastSeconds,
  ),
  gauge('commandlog_slow_length', 'Entries of the slow log', (s) => s.slowlog.length),
  gauge(
    'commandlog_large_request_length',
    'Entries of the log of large requests',
    (s) => s.largeCommands.requests,
  ),
  gauge(
    'commandlog_large_reply_length',
    'Entries of the log of large replies',
    (s) => s.largeCommands.replies,
  ),
  gauge('memory_fragmentation_ratio', 'Memory of the process by memory used', (s) =>
    ratio(s.process.residentMemory, s.memory.used),
  ),
  gauge('config_maxclients', 'Directive maxclients', (s) => s.config.maxclients),
  gauge('config_maxmemory', 'Directive maxmemory, bytes', (s) => Number(s.config.maxmemory)),
]
