/**
 * Fields of INFO with numbers that are no metrics, and why. A number that means something is a metric; what is text or
 * always the same needs no reason.
 */
export const WITHOUT_METRIC: Readonly<Record<string, string>> = {
  arch_bits: 'a property of the program',
  server_time_usec: 'every scrape has its time',
  uptime_in_days: 'uptime_in_seconds has it',
  hz: 'configured_hz has it',
  clients_hz: 'configured_hz has it',
  lru_clock: 'of use inside the server only',
  tcp_port: 'a label of redis_instance_info',
  paused_timeout_milliseconds: 'what CLIENT PAUSE was told; blocked_clients has who waits for its end',
}
