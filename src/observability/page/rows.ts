/**
 * The scripts as the page lists them, and which of them are other than they were told last.
 */
import type { ScriptFigures, ScriptReader } from '../../counting/scripts/reader.ts'
import { NO_PACE, type Pace } from './history.ts'
import type { ScriptRow } from './protocol.ts'

/** Rows that the page is sent: those that took most time. */
const ROWS_MAX = 1000

export interface Rows {
  readonly rows: readonly ScriptRow[]
  /** How many there are beyond. */
  readonly hidden: number
}

export function readRows(reader: Pick<ScriptReader, 'all'>, paces: ReadonlyMap<string, Pace>): Rows {
  const rows = reader.all().map((figures) => rowOf(figures, paces.get(figures.id) ?? NO_PACE))
  const other = rows.pop()!
  rows.sort((a, b) => b.seconds - a.seconds)
  const hidden = Math.max(0, rows.length - ROWS_MAX)
  rows.length -= hidden
  if (other.calls > 0) rows.push(other)
  return { rows, hidden }
}

function rowOf(figures: ScriptFigures, { rate, load }: Pace): ScriptRow {
  const { id, name, kind, calls, seconds, luaSeconds, p50, p99, max, lastRun } = figures
  const errors = sum(figures.errors)
  const kills = sum(figures.kills)
  return { id, name, kind, calls, rate, load, seconds, luaSeconds, p50, p99, max, errors, kills, lastRun }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0)
}

/** Tells what has changed since it was asked last. */
export class RowChanges {
  private told = new Map<string, ScriptRow>()

  since(rows: readonly ScriptRow[]): { changed: ScriptRow[]; gone: string[] } {
    const told = new Map(rows.map((row) => [row.id, row]))
    const changed = rows.filter((row) => !isSame(row, this.told.get(row.id)))
    const gone = [...this.told.keys()].filter((id) => !told.has(id))
    this.told = told
    return { changed, gone }
  }
}

function isSame(row: ScriptRow, told: ScriptRow | undefined): boolean {
  return (
    told !== undefined && (Object.keys(row) as (keyof ScriptRow)[]).every((name) => row[name] === told[name])
  )
}
