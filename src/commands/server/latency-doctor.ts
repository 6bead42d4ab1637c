/**
 * LATENCY DOCTOR: what the spikes look like, and what may be done about them. Only events that occur here are known; of
 * huge pages, which Valkey finds at fault as well, nothing is said: there is no fork that they could slow down.
 */
import type { ConfigValues } from '../../config.ts'
import type { LatencyEvent } from '../services/latency.ts'

const DISABLED =
  "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Valkey instance. You may use " +
  '"CONFIG SET latency-monitor-threshold <milliseconds>." in order to enable it.\n'
const HEALTHY =
  'No latency spike was observed during the lifetime of this Valkey instance, not in the slightest bit.\n'
const NO_ADVICE =
  '\nThere are latency events logged that are not easy to fix. Please get some help from Valkey community, providing ' +
  'this report in your help request.\n'

/** A piece of advice, and the events it helps against. */
interface Advice {
  readonly events: readonly string[]
  readonly isFitting?: (config: ConfigValues) => boolean
  text(config: ConfigValues): string
}

function wantedSlowlogThreshold(config: ConfigValues): number {
  return config['latency-monitor-threshold'] * 1000
}

function isSlowlogOff(config: ConfigValues): boolean {
  return config['commandlog-execution-slower-than'] < 0 || config['commandlog-slow-execution-max-len'] === 0
}

function isSlowlogCoarse(config: ConfigValues): boolean {
  const milliseconds = Math.trunc(config['commandlog-execution-slower-than'] / 1000)
  return !isSlowlogOff(config) && milliseconds > config['latency-monitor-threshold']
}

/** In the order in which they are given. */
const ADVICE: readonly Advice[] = [
  {
    events: ['command'],
    isFitting: isSlowlogOff,
    text: (config) =>
      'There are latency issues with potentially slow commands you are using. Try to enable the Slow Log Valkey feature ' +
      `using the command 'CONFIG SET slowlog-log-slower-than ${wantedSlowlogThreshold(config)}'. If the Slow log is ` +
      'disabled Valkey is not able to log slow commands execution for you.',
  },
  {
    events: ['command'],
    isFitting: isSlowlogCoarse,
    text: (config) =>
      'Your current Slow Log configuration only logs events that are slower than your configured latency monitor ' +
      `threshold. Please use 'CONFIG SET slowlog-log-slower-than ${wantedSlowlogThreshold(config)}'.`,
  },
  {
    events: ['command'],
    text: () =>
      'Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please ' +
      'check https://valkey.io/commands/slowlog for more information.',
  },
  {
    events: ['fast-command'],
    text: () =>
      'The system is slow to execute Valkey code paths not containing system calls. This usually means the system does ' +
      'not provide Valkey CPU time to run for long periods. You should try to:\n' +
      '  1) Lower the system load.\n' +
      '  2) Use a computer / VM just for Valkey if you are running other software in the same system.\n' +
      '  3) Check if you have a "noisy neighbour" problem.\n' +
      "  4) Check with 'valkey-cli --intrinsic-latency 100' what is the intrinsic latency in your system.\n" +
      '  5) Check if the problem is allocator-related by recompiling Valkey with MALLOC=libc, if you are using Jemalloc. ' +
      'However this may create fragmentation problems.',
  },
  {
    events: ['expire-cycle'],
    isFitting: (config) => config.hz < 100,
    text: () =>
      "In order to make the Valkey keys expiring process more incremental, try to set the 'hz' configuration parameter " +
      "to 100 using 'CONFIG SET hz 100'.",
  },
  {
    events: ['command', 'expire-cycle', 'eviction-del'],
    text: () =>
      'Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have ' +
      'very large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple ' +
      'smaller objects.',
  },
  {
    events: ['eviction-cycle'],
    text: () =>
      "Sudden changes to the 'maxmemory' setting via 'CONFIG SET', or allocation of large objects via sets or sorted " +
      'sets intersections, STORE option of SORT, Valkey Cluster large keys migrations (RESTORE command), may create ' +
      'sudden memory pressure forcing the server to block trying to evict keys. ',
  },
]

/** `now` is Unix time in seconds. */
export function latencyReport(events: readonly LatencyEvent[], config: ConfigValues, now: number): string {
  if (events.length === 0) return config['latency-monitor-threshold'] === 0 ? DISABLED : HEALTHY
  const names = new Set(events.map(({ name }) => name))
  const advice = ADVICE.filter(
    ({ events: helpful, isFitting }) =>
      helpful.some((name) => names.has(name)) && (isFitting?.(config) ?? true),
  )
  const lines = events.map((event, i) => `${i + 1}. ${describe(event, now)}\n`)
  const end =
    advice.length === 0
      ? NO_ADVICE
      : `\nHere is some advice for you:\n\n${advice.map(({ text }) => `- ${text(config)}\n`).join('')}`
  return `Latency spikes are observed in this Valkey instance.\n\n${lines.join('')}${end}`
}

function describe({ name, worst, history }: LatencyEvent, now: number): string {
  const average = mean(history.map(({ milliseconds }) => milliseconds))
  const deviation = mean(history.map(({ milliseconds }) => Math.abs(average - milliseconds)))
  const seconds = Math.max(1, now - Math.min(...history.map(({ time }) => time)))
  const period = (seconds / history.length).toFixed(2)
  return (
    `${name}: ${history.length} latency spikes (average ${average}ms, mean deviation ${deviation}ms, ` +
    `period ${period} sec). Worst all time event ${worst}ms.`
  )
}

function mean(values: readonly number[]): number {
  return Math.floor(values.reduce((sum, value) => sum + value, 0) / values.length)
}
