/**
 * MEMORY DOCTOR: what of the memory's figures is unusual, by Valkey's thresholds, and what it means here.
 */
import type { MemoryStatistics } from '../services/memory.ts'

const MIB = 1024 * 1024
/** With less in use the figures mean nothing. */
const LITTLE_BYTES = 5 * MIB
/** What a ratio is about must be more than this to matter. */
const NOTEWORTHY_BYTES = 10 * MIB
const PEAK_RATIO = 1.5
const FRAGMENTATION_RATIO = 1.4
const OVERHEAD_RATIO = 1.1
const CLIENT_BYTES = 200 * 1024
const CACHED_SCRIPTS = 1000

const HEALTHY =
  "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"

const EMPTY =
  "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. " +
  'Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our ' +
  'programming as soon as I finished rebooting.\n'

interface Finding {
  readonly text: string
  applies(s: MemoryStatistics): boolean
}

/** Whether `whole` is much more than `part`. */
function exceeds(whole: number, part: number, ratio: number): boolean {
  return whole > part * ratio && whole - part > NOTEWORTHY_BYTES
}

const FINDINGS: readonly Finding[] = [
  {
    applies: (s) => s.peak > s.used * PEAK_RATIO,
    text:
      'Peak memory: In the past this instance used more than 150% of the memory that it uses now. What was freed is kept in ' +
      'part for keys to come, so the resident memory may be larger than needed; this is harmless. MEMORY PURGE gives back ' +
      'what can be given back.',
  },
  {
    applies: (s) => exceeds(s.processResident, s.used, FRAGMENTATION_RATIO),
    text:
      'High total RSS: The resident memory of the process is more than 1.4 times the memory of the data. Usually this is due ' +
      'to a large peak (see above), to garbage that the runtime has not collected yet, which MEMORY PURGE makes it do, or to ' +
      'the interpreter of scripts (used_memory_vm_total in INFO).',
  },
  {
    applies: (s) => exceeds(s.active, s.used, OVERHEAD_RATIO),
    text:
      'High allocator fragmentation: More than a tenth of the memory in use lies in slabs that keys and values of their size ' +
      'gave back and others still hold. It serves new values of these sizes. MEMORY MALLOC-STATS shows the sizes.',
  },
  {
    applies: (s) => exceeds(s.allocatorResident, s.active, OVERHEAD_RATIO),
    text:
      'High allocator RSS overhead: The allocator holds more than 1.1 times the memory that is in use, usually after a large ' +
      'peak. It serves new values of any size; MEMORY PURGE gives back what can be given back.',
  },
  {
    applies: (s) => exceeds(s.processResident, s.allocatorResident, OVERHEAD_RATIO),
    text:
      'High process RSS overhead: The process holds more than 1.1 times the memory that its data have. This is the runtime ' +
      'itself, which takes some 50 MB, its garbage, or Lua scripts.',
  },
  {
    applies: (s) => s.clients > s.connected * CLIENT_BYTES,
    text:
      'Big client buffers: The buffers of clients are greater than 200K per client on average. Subscribers may not read as ' +
      'fast as messages come, or clients send commands with large replies or very large pipelines. CLIENT LIST shows which; ' +
      'maxmemory-clients limits them.',
  },
  {
    applies: (s) => s.cachedScripts > CACHED_SCRIPTS,
    text:
      'Many scripts: There are more than 1000 cached scripts. They may be generated and loaded one by one instead of taking ' +
      'KEYS and ARGV. Unless SCRIPT FLUSH is called now and then they may come to take much of the memory.',
  },
]

export function memoryDiagnosis(statistics: MemoryStatistics): string {
  if (statistics.used < LITTLE_BYTES) return EMPTY
  const found = FINDINGS.filter((finding) => finding.applies(statistics))
  if (found.length === 0) return HEALTHY
  const reports = found.map(({ text }) => ` * ${text}\n\n`).join('')
  return `Sam, I detected a few issues in this Valkey instance memory implants:\n\n${reports}I'm here to keep you safe, Sam. I want to help you.\n`
}
