/** INFO's section Server. */
import { PERILUNE_VERSION, REDIS_VERSION, VALKEY_VERSION } from '../../../version.ts'
import { type Field, field, gauge } from '../field.ts'
import type { InfoSource } from '../source.ts'

const SECONDS_PER_DAY = 86400
const LRU_CLOCK_MASK = 0xffffff

function uptime(s: InfoSource): number {
  return Math.max(0, Math.floor(s.now / 1000) - Math.floor(s.process.startedAt / 1000))
}

/** Valkey numbers the kinds, not the listeners there are. */
const LISTENER_NUMBERS = { tcp: 0, unix: 1, tls: 2 }

function listeners(s: InfoSource): readonly [string, string][] {
  return s.listeners.map(({ name, addresses, port }) => {
    const binds = addresses.map((address) => `bind=${address}`)
    const ports = port === 0 ? [] : [`port=${port}`]
    return [`listener${LISTENER_NUMBERS[name]}`, [`name=${name}`, ...binds, ...ports].join(',')]
  })
}

function mode(s: InfoSource): string {
  return s.config['cluster-enabled'] ? 'cluster' : 'standalone'
}

export const SERVER: readonly Field[] = [
  field('redis_version', REDIS_VERSION),
  field('server_name', 'valkey'),
  field('valkey_version', VALKEY_VERSION),
  field('valkey_release_stage', 'ga'),
  field('perilune_version', PERILUNE_VERSION),
  field('redis_git_sha1', '00000000'),
  field('redis_git_dirty', 0),
  field('redis_build_id', (s) => s.build.flagsHash),
  field('lua_version', (s) => s.build.luaVersion),
  field('lua_source', (s) => s.build.luaSource),
  field('lua_patches', (s) => s.build.luaPatches.join(',')),
  field('lua_compiler', (s) => s.build.compiler),
  field('lua_flags_hash', (s) => s.build.flagsHash),
  field('node_version', (s) => s.process.nodeVersion),
  field('server_mode', (s) => (s.config['extended-redis-compatibility'] ? undefined : mode(s))),
  field('redis_mode', (s) => (s.config['extended-redis-compatibility'] ? mode(s) : undefined)),
  field('os', (s) => s.process.os),
  field('arch_bits', (s) => s.process.archBits),
  field('monotonic_clock', 'performance.now'),
  field('multiplexing_api', 'libuv'),
  gauge('process_id', (s) => s.process.pid, 'process_id', 'Process id of the server'),
  field('process_supervised', 'no'),
  field('run_id', (s) => s.process.runId),
  field('tcp_port', (s) => s.config.port || s.config['tls-port']),
  field('server_time_usec', (s) => Math.floor(s.now * 1000)),
  gauge('uptime_in_seconds', uptime, 'uptime_in_seconds', 'Seconds since the server started'),
  field('uptime_in_days', (s) => Math.floor(uptime(s) / SECONDS_PER_DAY)),
  field('hz', (s) => s.config.hz),
  gauge('configured_hz', (s) => s.config.hz, 'configured_hz', 'Frequency of the server background work'),
  field('clients_hz', (s) => s.config.hz),
  field('lru_clock', (s) => Math.floor(s.now / 1000) & LRU_CLOCK_MASK),
  field('executable', (s) => s.process.executable),
  field('config_file', (s) => s.process.configFile),
  gauge('io_threads_active', () => 0, 'io_threads_active', 'Whether I/O threads are active'),
  field('availability_zone', (s) => s.config['availability-zone']),
  {
    name: '',
    read: (s) =>
      listeners(s)
        .map(([name, text]) => `${name}:${text}`)
        .join('\r\n'),
  },
]
