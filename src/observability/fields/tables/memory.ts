/**
 * INFO's section Memory. Where Valkey speaks of its allocator, the arena of keys and values is meant, and what is counted
 * beside it.
 */
import { type Field, field, gauge, human, percent, ratio } from '../field.ts'
import type { InfoSource } from '../source.ts'

function luaTotal(s: InfoSource): number {
  return s.memory.luaEval + s.memory.luaFunctions
}

function scripts(s: InfoSource): number {
  return s.memory.scripts + s.memory.functions
}

function fragmentation(s: InfoSource): number {
  return ratio(s.process.residentMemory, s.memory.used)
}

function allocatorFragmentation(s: InfoSource): number {
  return ratio(s.memory.active, s.memory.used)
}

function allocatorResidence(s: InfoSource): number {
  return ratio(s.memory.allocatorResident, s.memory.active)
}

function residenceOverhead(s: InfoSource): number {
  return ratio(s.process.residentMemory, s.memory.allocatorResident)
}

const USED: readonly Field[] = [
  gauge('used_memory', (s) => s.memory.used, 'memory_used_bytes', 'Memory used'),
  field('used_memory_human', (s) => human(s.memory.used)),
  gauge(
    'used_memory_rss',
    (s) => s.process.residentMemory,
    'memory_used_rss_bytes',
    'Memory of the process as the system sees it',
  ),
  field('used_memory_rss_human', (s) => human(s.process.residentMemory)),
  gauge('used_memory_peak', (s) => s.memory.peak, 'memory_used_peak_bytes', 'Most memory used so far'),
  field('used_memory_peak_human', (s) => human(s.memory.peak)),
  field('used_memory_peak_perc', (s) => percent(s.memory.used, s.memory.peak)),
  gauge(
    'used_memory_overhead',
    (s) => s.memory.overhead,
    'memory_used_overhead_bytes',
    'Memory of everything but keys and values',
  ),
  gauge(
    'used_memory_startup',
    (s) => s.memory.startup,
    'memory_used_startup_bytes',
    'Memory used when the server had started',
  ),
  gauge(
    'used_memory_dataset',
    (s) => s.memory.dataset,
    'memory_used_dataset_bytes',
    'Memory of keys and values',
  ),
  field('used_memory_dataset_perc', (s) =>
    percent(s.memory.dataset, Math.max(1, s.memory.used - s.memory.startup)),
  ),
  gauge('allocator_allocated', (s) => s.memory.used, 'allocator_allocated_bytes', 'Memory in use'),
  gauge('allocator_active', (s) => s.memory.active, 'allocator_active_bytes', 'Memory of slabs in use'),
  gauge(
    'allocator_resident',
    (s) => s.memory.allocatorResident,
    'allocator_resident_bytes',
    'Memory of slabs that were ever used',
  ),
  field('allocator_muzzy', 0),
  gauge(
    'total_system_memory',
    (s) => s.process.totalMemory,
    'total_system_memory_bytes',
    'Memory of the machine',
  ),
  field('total_system_memory_human', (s) => human(s.process.totalMemory)),
]

const SCRIPTS: readonly Field[] = [
  gauge(
    'used_memory_lua',
    (s) => s.memory.luaEval,
    'memory_used_lua_bytes',
    'Memory of the EVAL interpreter',
  ),
  gauge(
    'used_memory_vm_eval',
    (s) => s.memory.luaEval,
    'memory_used_vm_eval_bytes',
    'Memory of the EVAL interpreter',
  ),
  field('used_memory_lua_human', (s) => human(s.memory.luaEval)),
  gauge(
    'used_memory_scripts_eval',
    (s) => s.memory.scripts,
    'memory_used_scripts_eval_bytes',
    'Memory of the EVAL scripts outside the interpreter',
  ),
  gauge(
    'number_of_cached_scripts',
    (s) => s.scripts.cached,
    'number_of_cached_scripts',
    'Scripts in the cache',
  ),
  gauge('number_of_functions', (s) => s.scripts.functions, 'number_of_functions', 'Functions'),
  gauge('number_of_libraries', (s) => s.scripts.libraries, 'number_of_libraries', 'Function libraries'),
  gauge(
    'used_memory_vm_functions',
    (s) => s.memory.luaFunctions,
    'memory_used_vm_functions_bytes',
    'Memory of the interpreter of functions',
  ),
  gauge('used_memory_vm_total', luaTotal, 'memory_used_vm_total', 'Memory of the interpreters'),
  field('used_memory_vm_total_human', (s) => human(luaTotal(s))),
  gauge(
    'used_memory_functions',
    (s) => s.memory.functions,
    'memory_used_functions_bytes',
    'Memory of functions outside the interpreter',
  ),
  gauge(
    'used_memory_scripts',
    scripts,
    'memory_used_scripts_bytes',
    'Memory of scripts and functions outside the interpreters',
  ),
  field('used_memory_scripts_human', (s) => human(scripts(s))),
]

const LIMITS: readonly Field[] = [
  gauge('maxmemory', (s) => s.config.maxmemory, 'memory_max_bytes', 'Limit of the memory used, 0: none'),
  field('maxmemory_human', (s) => human(s.config.maxmemory)),
  field('maxmemory_policy', (s) => s.config['maxmemory-policy']),
  gauge(
    'allocator_frag_ratio',
    allocatorFragmentation,
    'allocator_frag_ratio',
    'Memory of slabs in use by memory in use',
    (s) => allocatorFragmentation(s).toFixed(2),
  ),
  gauge(
    'allocator_frag_bytes',
    (s) => s.memory.active - s.memory.used,
    'allocator_frag_bytes',
    'Memory of slabs in use that is free',
  ),
  gauge(
    'allocator_rss_ratio',
    allocatorResidence,
    'allocator_rss_ratio',
    'Memory of slabs ever used by memory of slabs in use',
    (s) => allocatorResidence(s).toFixed(2),
  ),
  gauge(
    'allocator_rss_bytes',
    (s) => s.memory.allocatorResident - s.memory.active,
    'allocator_rss_bytes',
    'Memory of slabs that are free',
  ),
  gauge(
    'rss_overhead_ratio',
    residenceOverhead,
    'rss_overhead_ratio',
    'Memory of the process by memory of slabs ever used',
    (s) => residenceOverhead(s).toFixed(2),
  ),
  gauge(
    'rss_overhead_bytes',
    (s) => s.process.residentMemory - s.memory.allocatorResident,
    'rss_overhead_bytes',
    'Memory of the process beyond slabs ever used',
  ),
  gauge(
    'mem_fragmentation_ratio',
    fragmentation,
    'mem_fragmentation_ratio',
    'Memory of the process by memory used',
    (s) => fragmentation(s).toFixed(2),
  ),
  gauge(
    'mem_fragmentation_bytes',
    (s) => s.process.residentMemory - s.memory.used,
    'mem_fragmentation_bytes',
    'Memory of the process beyond memory used',
  ),
  gauge(
    'mem_not_counted_for_evict',
    () => 0,
    'mem_not_counted_for_eviction_bytes',
    'Not counted for eviction',
  ),
  gauge(
    'mem_replication_backlog',
    () => 0,
    'mem_replication_backlog_bytes',
    'Memory of the replication backlog',
  ),
  gauge(
    'mem_total_replication_buffers',
    () => 0,
    'mem_total_replication_buffers_bytes',
    'Memory of replication',
  ),
  gauge('mem_clients_slaves', () => 0, 'mem_clients_slaves', 'Memory of the buffers of replicas'),
  gauge(
    'mem_clients_normal',
    (s) => s.memory.clients,
    'mem_clients_normal',
    'Memory of the buffers of clients',
  ),
  gauge('mem_cluster_links', () => 0, 'mem_cluster_links_bytes', 'Memory of the cluster bus'),
  gauge('mem_aof_buffer', () => 0, 'mem_aof_buffer_bytes', 'Memory of the append-only file buffers'),
  field('mem_allocator', 'perilune-arena'),
  gauge(
    'mem_overhead_db_hashtable_rehashing',
    (s) => s.memory.databases.reduce((sum, db) => sum + db.overhead.moving, 0),
    'mem_overhead_db_hashtable_rehashing_bytes',
    'Memory of tables that are being moved',
  ),
  gauge('active_defrag_running', () => 0, 'active_defrag_running', 'Whether memory is being defragmented'),
  gauge(
    'lazyfree_pending_objects',
    (s) => s.memory.lazyPending,
    'lazyfree_pending_objects',
    'Objects waiting to be freed',
  ),
  gauge(
    'lazyfreed_objects',
    (s) => s.memory.lazyFreed,
    'lazyfreed_objects',
    'Objects freed apart from commands',
  ),
]

export const MEMORY: readonly Field[] = [...USED, ...SCRIPTS, ...LIMITS]
