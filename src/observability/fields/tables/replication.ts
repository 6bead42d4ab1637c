/** INFO's section Replication: a primary without replicas. */
import { type Field, field, gauge } from '../field.ts'

export const REPLICATION: readonly Field[] = [
  field('role', 'master'),
  gauge('connected_slaves', () => 0, 'connected_slaves', 'Replicas connected'),
  field('replicas_waiting_psync', 0),
  field('master_failover_state', 'no-failover'),
  field('master_replid', (s) => s.replicationId),
  field('master_replid2', '0'.repeat(40)),
  gauge('master_repl_offset', () => 0, 'master_repl_offset', 'Replication offset'),
  gauge('second_repl_offset', () => -1, 'second_repl_offset', 'Offset up to which the second id is accepted'),
  gauge('repl_backlog_active', () => 0, 'repl_backlog_is_active', 'Whether there is a replication backlog'),
  gauge(
    'repl_backlog_size',
    (s) => s.config['repl-backlog-size'],
    'replication_backlog_bytes',
    'Size of the replication backlog',
  ),
  gauge('repl_backlog_first_byte_offset', () => 0, 'repl_backlog_first_byte_offset', 'Offset of the backlog'),
  gauge('repl_backlog_histlen', () => 0, 'repl_backlog_history_bytes', 'Data in the replication backlog'),
]
