/**
 * The one table of what the server reports: INFO's sections, each a list of fields, some of which are metrics as well.
 */
import type { Field, Metric } from './field.ts'
import type { InfoSource } from './source.ts'
import { BEYOND_INFO } from './tables/beyond-info.ts'
import { CLIENTS } from './tables/clients.ts'
import { CLUSTER } from './tables/cluster.ts'
import { CPU } from './tables/cpu.ts'
import { PER_COMMAND, PER_DATABASE, PER_ERROR, pairs, percentsOf } from './tables/labelled.ts'
import { MEMORY } from './tables/memory.ts'
import { PERSISTENCE } from './tables/persistence.ts'
import { REPLICATION } from './tables/replication.ts'
import { SERVER } from './tables/server.ts'
import { STATS } from './tables/stats.ts'

export interface Section {
  /** As INFO's argument names it. */
  readonly name: string
  readonly title: string
  /** Part of INFO without arguments. */
  readonly isDefault: boolean
  /** Lines of the section, without their ends. */
  lines(source: InfoSource): readonly string[]
}

type FieldSection = readonly [name: string, title: string, fields: readonly Field[]]

const FIRST: readonly FieldSection[] = [
  ['server', 'Server', SERVER],
  ['clients', 'Clients', CLIENTS],
  ['memory', 'Memory', MEMORY],
  ['persistence', 'Persistence', PERSISTENCE],
  ['stats', 'Stats', STATS],
  ['replication', 'Replication', REPLICATION],
  ['cpu', 'CPU', CPU],
]

/** Those behind the sections of counted things. */
const LAST: readonly FieldSection[] = [['cluster', 'Cluster', CLUSTER]]

const FIELDS = [...FIRST, ...LAST]

export const SECTIONS: readonly Section[] = [
  ...FIRST.map(ofFields),
  section('module_list', 'Modules', true, () => []),
  section('commandstats', 'Commandstats', false, commandLines),
  section('errorstats', 'Errorstats', true, errorLines),
  section('latencystats', 'Latencystats', false, latencyLines),
  ...LAST.map(ofFields),
  section('keyspace', 'Keyspace', true, databaseLines),
]

/** The metrics with one value each, in the order of their slots in shared memory. */
export const METRICS: readonly Metric[] = [
  ...FIELDS.flatMap(([, , fields]) => fields.flatMap((field) => field.metric ?? [])),
  ...BEYOND_INFO,
]

/** All fields, for those who check them. */
export const ALL_FIELDS: readonly Field[] = FIELDS.flatMap(([, , fields]) => fields)

function section(name: string, title: string, isDefault: boolean, lines: Section['lines']): Section {
  return { name, title, isDefault, lines }
}

function ofFields([name, title, fields]: FieldSection): Section {
  return section(name, title, true, (s) => fieldLines(fields, s))
}

function fieldLines(fields: readonly Field[], source: InfoSource): string[] {
  return fields.flatMap((field) => {
    const value = field.read(source)
    if (value === undefined || (field.name === '' && value === '')) return []
    return field.name === '' ? [String(value)] : [`${field.name}:${value}`]
  })
}

/** Names may come from users (error codes): what would break the format is replaced. */
function safe(name: string): string {
  return name.replace(/[#:\r\n]/g, '_')
}

function commandLines(source: InfoSource): string[] {
  return source.commands
    .filter((c) => c.calls > 0 || c.failed > 0 || c.rejected > 0)
    .map((c) => `cmdstat_${safe(c.name)}:${pairs(PER_COMMAND, c)}`)
}

function errorLines(source: InfoSource): string[] {
  return [...source.errors]
    .sort(byName)
    .map(([code, count]) => `errorstat_${safe(code)}:${pairs(PER_ERROR, count)}`)
}

function byName(a: readonly [string, number], b: readonly [string, number]): number {
  return a[0] < b[0] ? -1 : 1
}

function latencyLines(source: InfoSource): string[] {
  const percents = percentsOf(source.config)
  if (percents === undefined) return []
  return source.commands.flatMap((command) => {
    if (command.latency(0) === undefined) return []
    const values = percents.map((p) => `p${p}=${command.latency(p)!.toFixed(3)}`)
    return [`latency_percentiles_usec_${safe(command.name)}:${values.join(',')}`]
  })
}

function databaseLines(source: InfoSource): string[] {
  return source.databases.filter((db) => db.keys > 0).map((db) => `db${db.index}:${pairs(PER_DATABASE, db)}`)
}
