/** INFO's section Cluster. */
import { type Field, gauge } from '../field.ts'

export const CLUSTER: readonly Field[] = [
  gauge(
    'cluster_enabled',
    (s) => Number(s.config['cluster-enabled']),
    'cluster_enabled',
    'Whether the server is a node of a cluster',
  ),
]
