/**
 * The directives of Valkey whose features do not exist here, so that its configuration files and the clients that ask for
 * them work: accepted, checked, kept, reported and rewritten as Valkey does, and nothing looks at them.
 */
import { anything, fileName, notBothSaves, PORT_MAX } from './checks.ts'
import {
  choice,
  INT_MAX,
  INT_MIN,
  INT64_MAX,
  integer,
  memory,
  oneOf,
  optionalText,
  signedMemory,
  someOf,
  text,
  UINT_MAX,
  UINT64_MAX,
  unsigned,
  yesNo,
} from './codecs.ts'
import { addresses, oomScores, primaryAddress, savePoints } from './special.ts'
import { alias, HIDDEN, IMMUTABLE, PROTECTED, SENSITIVE, VOLATILE } from './types.ts'

const KB = 1024
const MB = 1024 * KB

export const INERT_DIRECTIVES = {
  // Snapshots
  rdbchecksum: yesNo(true, IMMUTABLE),
  'rdb-del-sync-files': yesNo(false),
  'stop-writes-on-bgsave-error': yesNo(true),
  'rdb-save-incremental-fsync': yesNo(true),
  dbfilename: text('dump.rdb', fileName('dbfilename'), PROTECTED),
  'sanitize-dump-payload': oneOf(['no', 'yes', 'clients'], 'no'),
  'rdb-key-save-delay': integer(0, INT_MIN, INT_MAX, HIDDEN),
  save: savePoints([
    { seconds: 3600, changes: 1 },
    { seconds: 300, changes: 100 },
    { seconds: 60, changes: 10000 },
  ]),

  // Append-only file
  'aof-rewrite-incremental-fsync': yesNo(true),
  'no-appendfsync-on-rewrite': yesNo(false),
  'aof-load-truncated': yesNo(true),
  'aof-use-rdb-preamble': yesNo(true),
  'aof-timestamp-enabled': yesNo(false),
  appendonly: yesNo(false),
  'aof-disable-auto-gc': yesNo(false, HIDDEN),
  appendfilename: text('appendonly.aof', fileName('appendfilename'), IMMUTABLE),
  appenddirname: text('appendonlydir', fileName('appenddirname', 'dirname'), IMMUTABLE),
  'aof-rewrite-cpulist': optionalText(anything, alias('aof_rewrite_cpulist'), IMMUTABLE),
  appendfsync: oneOf(['everysec', 'always', 'no'], 'everysec'),
  'auto-aof-rewrite-percentage': integer(100, 0, INT_MAX),
  'key-load-delay': integer(0, INT_MIN, INT_MAX, HIDDEN),
  'auto-aof-rewrite-min-size': signedMemory(64 * MB, 0, INT64_MAX),
  'loading-process-events-interval-bytes': integer(2 * MB, 1024, INT_MAX, HIDDEN),

  // Replication
  'repl-disable-tcp-nodelay': yesNo(false),
  'repl-diskless-sync': yesNo(true),
  'dual-channel-replication-enabled': yesNo(false),
  'replica-lazy-flush': yesNo(true, alias('slave-lazy-flush')),
  'replica-serve-stale-data': yesNo(true, alias('slave-serve-stale-data')),
  'replica-read-only': yesNo(true, alias('slave-read-only')),
  'replica-ignore-maxmemory': yesNo(true, alias('slave-ignore-maxmemory')),
  'replica-announced': yesNo(true),
  'replica-ignore-disk-write-errors': yesNo(false),
  'replica-announce-ip': optionalText(anything, alias('slave-announce-ip')),
  primaryuser: optionalText(anything, alias('masteruser'), SENSITIVE),
  primaryauth: optionalText(anything, alias('masterauth'), SENSITIVE),
  'repl-diskless-load': oneOf(['disabled', 'on-empty-db', 'swapdb', 'flush-before-load'], 'disabled'),
  'propagation-error-behavior': oneOf(['ignore', 'panic', 'panic-on-replicas'], 'ignore'),
  'replica-priority': integer(100, 0, INT_MAX, alias('slave-priority')),
  'repl-diskless-sync-delay': integer(5, 0, INT_MAX),
  'replica-announce-port': integer(0, 0, PORT_MAX, alias('slave-announce-port')),
  'repl-timeout': integer(60, 1, INT_MAX),
  'repl-ping-replica-period': integer(10, 1, INT_MAX, alias('repl-ping-slave-period')),
  'min-replicas-to-write': integer(0, 0, INT_MAX, alias('min-slaves-to-write')),
  'min-replicas-max-lag': integer(10, 0, INT_MAX, alias('min-slaves-max-lag')),
  'repl-diskless-sync-max-replicas': integer(0, 0, INT_MAX),
  'repl-backlog-size': signedMemory(10 * MB, 1, INT64_MAX),
  'repl-backlog-ttl': integer(3600, 0, INT64_MAX),
  replicaof: primaryAddress(alias('slaveof'), IMMUTABLE),

  // The cluster's bus
  'cluster-slot-stats-enabled': yesNo(false),
  'cluster-replica-validity-factor': integer(10, 0, INT_MAX, alias('cluster-slave-validity-factor')),
  'cluster-migration-barrier': integer(1, 0, INT_MAX),
  'cluster-ping-interval': integer(0, 0, INT64_MAX, HIDDEN),
  'cluster-manual-failover-timeout': integer(5000, 1, INT_MAX),
  'cluster-link-sendbuf-limit': memory(0, 0, UINT64_MAX),

  // TLS and RDMA
  'rdma-port': integer(0, 0, PORT_MAX),
  'rdma-rx-size': integer(MB, 64 * KB, 16 * MB, IMMUTABLE),
  'rdma-completion-vector': integer(-1, -1, 1024, IMMUTABLE),
  'max-new-tls-connections-per-cycle': unsigned(1, 1, 1000),
  'tls-session-cache-size': integer(20 * KB, 0, INT_MAX),
  'tls-cluster': yesNo(false),
  'tls-replication': yesNo(false),
  'tls-client-cert-file': optionalText(anything, VOLATILE),
  'tls-client-key-file': optionalText(anything, VOLATILE),
  'tls-client-key-file-pass': optionalText(anything, SENSITIVE),
  'rdma-bind': addresses([], 'keep'),

  // Of a memory layout that is not ours
  activerehashing: yesNo(true),
  'jemalloc-bg-thread': yesNo(true),
  activedefrag: yesNo(false),
  'active-defrag-cycle-min': integer(1, 1, 99),
  'active-defrag-cycle-max': integer(25, 1, 99),
  'active-defrag-threshold-lower': integer(10, 0, 1000),
  'active-defrag-threshold-upper': integer(100, 0, 1000),
  'active-defrag-cycle-us': integer(500, 0, 100000),
  'active-defrag-max-scan-fields': unsigned(1000, 1, INT64_MAX),
  'active-defrag-ignore-bytes': memory(100 * MB, 1, INT64_MAX),

  // Streams, HyperLogLog and client-side caching
  'stream-node-max-entries': integer(100, 0, INT64_MAX),
  'stream-node-max-bytes': memory(4096, 0, INT64_MAX),
  'hll-sparse-max-bytes': memory(3000, 0, INT64_MAX),
  'tracking-table-max-keys': unsigned(1000000, 0, INT64_MAX),

  // Process and system
  'list-compress-depth': integer(0, 0, INT_MAX),
  'hide-user-data-from-log': yesNo(true),
  'syslog-enabled': yesNo(false, IMMUTABLE),
  'crash-log-enabled': yesNo(true),
  'crash-memcheck-enabled': yesNo(true),
  'use-exit-on-panic': yesNo(false, HIDDEN),
  'disable-thp': yesNo(true, IMMUTABLE),
  'enable-debug-assert': yesNo(false, IMMUTABLE, HIDDEN),
  'import-mode': yesNo(false),
  unixsocketgroup: optionalText(anything, IMMUTABLE),
  'syslog-ident': text('valkey', anything, IMMUTABLE),
  'server-cpulist': optionalText(anything, alias('server_cpulist'), IMMUTABLE),
  'bio-cpulist': optionalText(anything, alias('bio_cpulist'), IMMUTABLE),
  'bgsave-cpulist': optionalText(anything, alias('bgsave_cpulist'), IMMUTABLE),
  'ignore-warnings': text('', anything),
  'bind-source-addr': optionalText(anything),
  'locale-collate': text('', anything),
  'debug-context': text('', anything, HIDDEN),
  'syslog-facility': oneOf(
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    'local0',
    IMMUTABLE,
  ),
  'oom-score-adj': choice(['no', 'yes', 'relative', 'absolute'], ['no', 'yes', 'yes', 'absolute'], 'no', []),
  'enable-module-command': oneOf(['no', 'yes', 'local'], 'no', IMMUTABLE),
  'shutdown-on-sigint': someOf('default', ['save', 'nosave', 'now', 'force'], notBothSaves),
  'shutdown-on-sigterm': someOf('default', ['save', 'nosave', 'now', 'force'], notBothSaves),
  'io-threads': integer(1, 1, 256, IMMUTABLE),
  'events-per-io-thread': integer(2, 0, INT_MAX, HIDDEN),
  'prefetch-batch-max-size': integer(16, 0, 128),
  'watchdog-period': integer(0, 0, INT_MAX, HIDDEN),
  'shutdown-timeout': integer(10, 0, INT_MAX),
  'socket-mark-id': unsigned(0, 0, UINT_MAX, IMMUTABLE),
  'max-new-connections-per-cycle': unsigned(10, 1, 1000),
  'oom-score-adj-values': oomScores([0, 200, 800]),
}
