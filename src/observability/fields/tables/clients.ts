/** INFO's section Clients. */
import { type Field, field, gauge } from '../field.ts'

export const CLIENTS: readonly Field[] = [
  gauge('connected_clients', (s) => s.clients.connected, 'connected_clients', 'Clients connected'),
  gauge('cluster_connections', () => 0, 'cluster_connections', 'Sockets of the cluster bus'),
  gauge('maxclients', (s) => s.config.maxclients, 'max_clients', 'Clients allowed at the same time'),
  gauge(
    'client_recent_max_input_buffer',
    (s) => s.clients.recentMaxInput,
    'client_recent_max_input_buffer_bytes',
    'Largest input buffer of the clients now connected',
  ),
  gauge(
    'client_recent_max_output_buffer',
    (s) => s.clients.recentMaxOutput,
    'client_recent_max_output_buffer_bytes',
    'Largest output buffer of the clients now connected',
  ),
  gauge(
    'blocked_clients',
    (s) => s.clients.blocked,
    'blocked_clients',
    'Clients waiting in a blocking command or for the end of a pause',
  ),
  gauge('tracking_clients', () => 0, 'tracking_clients', 'Clients with client-side caching'),
  gauge('pubsub_clients', (s) => s.clients.pubsub, 'pubsub_clients', 'Clients with subscriptions'),
  gauge('watching_clients', (s) => s.clients.watching, 'watching_clients', 'Clients that watch keys'),
  gauge('clients_in_timeout_table', () => 0, 'clients_in_timeout_table', 'Clients blocked with a timeout'),
  gauge('total_watched_keys', (s) => s.clients.watchedKeys, 'total_watched_keys', 'Keys watched by clients'),
  gauge('total_blocking_keys', () => 0, 'total_blocking_keys', 'Keys clients are blocked on'),
  gauge(
    'total_blocking_keys_on_nokey',
    () => 0,
    'total_blocking_keys_on_nokey',
    'Keys clients are blocked on that would be told of their deletion',
  ),
  field('paused_reason', ({ clients: { pause } }) => (pause === undefined ? 'none' : 'client_pause')),
  field('paused_actions', ({ clients: { pause } }) => pause?.actions ?? 'none'),
  field('paused_timeout_milliseconds', ({ clients: { pause } }) => pause?.leftMs ?? 0),
]
