/**
 * The directives that steer something, by name, with Valkey's types, defaults and limits. Those it merely accepts are in
 * inert-directives.ts; a line moves here when its feature exists.
 */
import {
  anything,
  hostName,
  ipv4,
  ipv6,
  nodeName,
  notEmpty,
  PORT_MAX,
  secret,
  titleTemplate,
} from './checks.ts'
import {
  clamped,
  INT_MAX,
  INT_MIN,
  INT64_MAX,
  integer,
  memory,
  memoryOrPercent,
  octal,
  oneOf,
  optionalText,
  signedMemory,
  text,
  UINT_MAX,
  UINT64_MAX,
  unsigned,
  yesNo,
} from './codecs.ts'
import { addresses, directory, eventClasses, outputLimits, percentiles } from './special.ts'
import { alias, HIDDEN, IMMUTABLE, PROTECTED, SENSITIVE, VOLATILE } from './types.ts'

const KB = 1024
const MB = 1024 * KB
const GB = 1024 * MB

/** Characters of `metrics-token`. */
const TOKEN_MIN = 16

/** The interpreter itself needs a few megabytes; its addresses have 31 bits. */
const LUA_MEMORY_MIN = 8 * MB
const LUA_MEMORY_MAX = 2 * GB

export const EFFECTIVE_DIRECTIVES = {
  // Connections
  'protected-mode': yesNo(true),
  unixsocket: optionalText(anything, IMMUTABLE),
  requirepass: optionalText(anything, SENSITIVE),
  port: integer(6379, 0, PORT_MAX),
  'tcp-keepalive': integer(300, 0, INT_MAX),
  timeout: integer(0, 0, INT_MAX),
  'tcp-backlog': integer(511, 0, INT_MAX, IMMUTABLE),
  maxclients: unsigned(10000, 1, UINT_MAX),
  unixsocketperm: octal(0, 0o777, IMMUTABLE),
  'proto-max-bulk-len': signedMemory(512 * MB, MB, INT64_MAX),
  'client-query-buffer-limit': memory(GB, MB, INT64_MAX),
  'client-output-buffer-limit': outputLimits({
    normal: { hard: 0, soft: 0, softSeconds: 0 },
    replica: { hard: 256 * MB, soft: 64 * MB, softSeconds: 60 },
    pubsub: { hard: 32 * MB, soft: 8 * MB, softSeconds: 60 },
  }),
  bind: addresses(['*', '-::*'], 'write'),

  // TLS
  'tls-port': integer(0, 0, PORT_MAX),
  'tls-session-cache-timeout': integer(300, 0, INT_MAX),
  'tls-auth-clients': oneOf(['no', 'yes', 'optional'], 'yes'),
  'tls-prefer-server-ciphers': yesNo(false),
  'tls-session-caching': yesNo(true),
  'tls-cert-file': optionalText(anything, VOLATILE),
  'tls-key-file': optionalText(anything, VOLATILE),
  'tls-key-file-pass': optionalText(anything, SENSITIVE),
  'tls-dh-params-file': optionalText(anything, VOLATILE),
  'tls-ca-cert-file': optionalText(anything, VOLATILE),
  'tls-ca-cert-dir': optionalText(anything, VOLATILE),
  'tls-protocols': optionalText(anything),
  'tls-ciphers': optionalText(anything),
  'tls-ciphersuites': optionalText(anything),

  // Access control
  aclfile: text('', anything, IMMUTABLE),
  'acl-pubsub-default': oneOf(['allchannels', 'resetchannels'], 'resetchannels'),
  'acllog-max-len': unsigned(128, 0, INT64_MAX),

  // Memory and eviction
  maxmemory: memory(0, 0, 2n ** 64n - 1n),
  'maxmemory-policy': oneOf(
    [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ],
    'noeviction',
  ),
  'maxmemory-samples': integer(5, 1, 64),
  'maxmemory-eviction-tenacity': integer(10, 0, 100),
  'maxmemory-clients': memoryOrPercent(0, 100),
  'lazyfree-lazy-eviction': yesNo(true),
  'lazyfree-lazy-expire': yesNo(true),
  'lazyfree-lazy-server-del': yesNo(true),
  'lazyfree-lazy-user-del': yesNo(true),
  'lazyfree-lazy-user-flush': yesNo(true),
  'lfu-log-factor': integer(10, 0, INT_MAX),
  'lfu-decay-time': integer(1, 0, INT_MAX),

  // Encodings
  'list-max-listpack-size': integer(-2, INT_MIN, INT_MAX, alias('list-max-ziplist-size')),
  'hash-max-listpack-entries': unsigned(512, 0, INT64_MAX, alias('hash-max-ziplist-entries')),
  'set-max-intset-entries': unsigned(512, 0, INT64_MAX),
  'set-max-listpack-entries': unsigned(128, 0, INT64_MAX),
  'set-max-listpack-value': unsigned(64, 0, INT64_MAX),
  'zset-max-listpack-entries': unsigned(128, 0, INT64_MAX, alias('zset-max-ziplist-entries')),
  'hash-max-listpack-value': memory(64, 0, INT64_MAX, alias('hash-max-ziplist-value')),
  'zset-max-listpack-value': memory(64, 0, INT64_MAX, alias('zset-max-ziplist-value')),

  // Serialization
  rdbcompression: yesNo(true),
  'rdb-version-check': oneOf(['strict', 'relaxed'], 'strict'),

  // Expiry and events
  'active-expire-effort': integer(1, 1, 10),
  hz: clamped(10, 1, 500),
  'notify-keyspace-events': eventClasses(),

  // The cluster
  'cluster-enabled': yesNo(false, IMMUTABLE),
  'cluster-config-file': text('nodes.conf', notEmpty('cluster-config-file'), IMMUTABLE),
  'cluster-port': integer(0, 0, PORT_MAX, IMMUTABLE),
  'cluster-require-full-coverage': yesNo(true),
  'cluster-allow-reads-when-down': yesNo(false),
  'cluster-allow-pubsubshard-when-down': yesNo(true),
  'cluster-allow-replica-migration': yesNo(true),
  'cluster-replica-no-failover': yesNo(false, alias('cluster-slave-no-failover')),
  'cluster-node-timeout': integer(15000, 0, INT64_MAX),
  'cluster-blacklist-ttl': unsigned(60, 0, UINT64_MAX),
  'cluster-announce-ip': optionalText(anything),
  'cluster-announce-port': integer(0, 0, PORT_MAX),
  'cluster-announce-tls-port': integer(0, 0, PORT_MAX),
  'cluster-announce-bus-port': integer(0, 0, PORT_MAX),
  'cluster-announce-hostname': optionalText(hostName),
  'cluster-announce-human-nodename': optionalText(nodeName),
  'cluster-announce-client-ipv4': optionalText(ipv4),
  'cluster-announce-client-ipv6': optionalText(ipv6),
  'cluster-preferred-endpoint-type': oneOf(['ip', 'hostname', 'unknown-endpoint'], 'ip'),

  // Scripts
  'busy-reply-threshold': integer(5000, 0, INT64_MAX, alias('lua-time-limit')),
  'lua-enable-insecure-api': yesNo(false, alias('lua-enable-deprecated-api'), HIDDEN, PROTECTED),
  'lua-memory-limit': memory(256 * MB, LUA_MEMORY_MIN, LUA_MEMORY_MAX, IMMUTABLE),

  // Observation
  'latency-monitor-threshold': integer(0, 0, INT64_MAX),

  'latency-tracking': yesNo(true),
  'commandlog-slow-execution-max-len': unsigned(128, 0, INT64_MAX, alias('slowlog-max-len')),
  'commandlog-large-request-max-len': unsigned(128, 0, INT64_MAX),
  'commandlog-large-reply-max-len': unsigned(128, 0, INT64_MAX),
  'commandlog-request-larger-than': integer(MB, -1, INT64_MAX),
  'commandlog-reply-larger-than': integer(MB, -1, INT64_MAX),
  'commandlog-execution-slower-than': integer(10000, -1, INT64_MAX, alias('slowlog-log-slower-than')),
  'latency-tracking-info-percentiles': percentiles([50, 99, 99.9]),

  // Log
  'always-show-logo': yesNo(false, IMMUTABLE),
  logfile: text('', anything, IMMUTABLE),
  loglevel: oneOf(['debug', 'verbose', 'notice', 'warning', 'nothing'], 'notice'),
  'log-format': oneOf(['legacy', 'logfmt'], 'legacy'),
  'log-timestamp-format': oneOf(['legacy', 'iso8601', 'milliseconds'], 'legacy'),

  // Metrics over HTTP
  'metrics-port': integer(9121, 0, PORT_MAX, IMMUTABLE),
  'script-metrics-max-labels': integer(50, 0, 1000),
  'metrics-bind': text('127.0.0.1', notEmpty('metrics-bind'), IMMUTABLE),
  'metrics-token': text('', secret('metrics-token', TOKEN_MIN), SENSITIVE, IMMUTABLE),

  // Process
  daemonize: yesNo(false, IMMUTABLE),
  supervised: oneOf(['upstart', 'systemd', 'auto', 'no'], 'no', IMMUTABLE),
  'set-proc-title': yesNo(true, IMMUTABLE),
  pidfile: optionalText(anything, IMMUTABLE),
  'proc-title-template': text('{title} {listen-addr} {server-mode}', titleTemplate),
  'availability-zone': text('', anything),
  'extended-redis-compatibility': yesNo(false),
  'enable-protected-configs': oneOf(['no', 'yes', 'local'], 'no', IMMUTABLE),
  'enable-debug-command': oneOf(['no', 'yes', 'local'], 'no', IMMUTABLE),
  databases: integer(16, 1, INT_MAX, IMMUTABLE),
  dir: directory(PROTECTED),
}
