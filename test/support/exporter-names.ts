/**
 * What the dashboards and alerts of redis_exporter (its contrib folder: two dashboards, and the mixin's alerts and rules) ask
 * of a server, by the form in which they ask.
 */

/** Summed up, compared, or shown as they are. */
export const ASKED_GAUGES = [
  'redis_up',
  'redis_uptime_in_seconds',
  'redis_connected_clients',
  'redis_blocked_clients',
  'redis_connected_slaves',
  'redis_memory_used_bytes',
  'redis_memory_max_bytes',
  'redis_memory_used_rss_bytes',
  'redis_total_system_memory_bytes',
  'redis_db_keys',
  'redis_db_keys_expiring',
]

/** Under `rate` or `irate`. */
export const ASKED_COUNTERS = [
  'redis_commands_total',
  'redis_commands_duration_seconds_total',
  'redis_keyspace_hits_total',
  'redis_keyspace_misses_total',
  'redis_net_input_bytes_total',
  'redis_net_output_bytes_total',
  'redis_expired_keys_total',
  'redis_evicted_keys_total',
]

/** One by another, or less another. */
export const ASKED_TOGETHER = [
  'redis_memory_used_bytes / redis_memory_max_bytes',
  'redis_memory_used_bytes / redis_total_system_memory_bytes',
  'redis_memory_used_rss_bytes / redis_memory_used_bytes',
  'sum(redis_db_keys) by (instance) - sum(redis_db_keys_expiring) by (instance)',
  'sum(rate(redis_commands_duration_seconds_total[1m])) by (cmd) / sum(rate(redis_commands_total[1m])) by (cmd)',
  'rate(redis_keyspace_hits_total[1m]) / (rate(redis_keyspace_misses_total[1m]) + rate(redis_keyspace_hits_total[1m]))',
  'max(max_over_time(redis_uptime_in_seconds[1m]))',
]

/** Asked for or known there, and not here: the beginning of the names, and why. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  redis_cluster_slots_:
    'the bus of the cluster, which would tell, is missing; CLUSTER INFO has what is known',
  redis_cluster_state: 'as above',
  redis_master_last_io_seconds_ago: 'the server is no replica',
  redis_slave_: 'the server is no replica',
  redis_sentinel_: 'the server is no sentinel',
  redis_module_info: 'there are no modules',
  redis_stream_: 'the exporter reads streams that its options name',
  redis_key_size: 'the exporter reads keys that its options name',
  redis_rdb_current_bgsave_duration_sec: 'nothing is saved',
  redis_rdb_last_bgsave_duration_sec: 'as above',
  redis_rdb_last_cow_size_bytes: 'as above',
  redis_aof_current_rewrite_duration_sec: 'there is no append-only file',
  redis_aof_last_: 'as above',
  redis_module_fork_: 'there are no modules',
  redis_defrag_: 'memory is not moved',
  redis_config_io_threads: 'one thread runs all commands',
  redis_io_threaded_: 'as above',
  redis_exporter_: 'about the exporter itself',
  redis_target_scrape_: 'as above',
  redis_last_key_groups_scrape_: 'as above',
}
