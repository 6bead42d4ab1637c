/**
 * The columns of the table of scripts, and the order of its rows.
 */
import type { ScriptRow } from '../observability/page/protocol.ts'
import { ago, count, duration, percent, rate, title } from './format.ts'

export interface Column {
  readonly key: string
  readonly title: string
  readonly hint: string
  /** What rows are sorted by; numbers from the largest on. */
  by(row: ScriptRow): number | string
  text(row: ScriptRow, now: number): string
}

export const COLUMNS: readonly Column[] = [
  { key: 'name', title: 'Script', hint: 'Name, or SHA', by: title, text: title },
  {
    key: 'seconds',
    title: 'Time spent',
    hint: 'All its runs together',
    by: (row) => row.seconds,
    text: (row) => duration(row.seconds * 1e6),
  },
  {
    key: 'split',
    title: 'Lua / commands',
    hint: 'Time in Lua itself against time in the commands it calls',
    by: (row) => luaShare(row),
    text: (row) => (row.seconds === 0 ? '–' : `${Math.round(luaShare(row) * 100)} % Lua`),
  },
  {
    key: 'load',
    title: 'Load',
    hint: 'Share of the engine that it takes now',
    by: (row) => row.load,
    text: (row) => percent(row.load),
  },
  {
    key: 'rate',
    title: 'Runs/s',
    hint: 'Runs a second, now',
    by: (row) => row.rate,
    text: (row) => rate(row.rate),
  },
  {
    key: 'calls',
    title: 'Runs',
    hint: 'Runs in all',
    by: (row) => row.calls,
    text: (row) => count(row.calls),
  },
  {
    key: 'p50',
    title: 'p50',
    hint: 'Half of the runs took at most',
    by: (row) => row.p50,
    text: (row) => duration(row.p50),
  },
  {
    key: 'p99',
    title: 'p99',
    hint: '99 % of the runs took at most',
    by: (row) => row.p99,
    text: (row) => duration(row.p99),
  },
  {
    key: 'max',
    title: 'Max',
    hint: 'The longest run',
    by: (row) => row.max,
    text: (row) => duration(row.max),
  },
  {
    key: 'errors',
    title: 'Errors',
    hint: 'Runs that answered an error',
    by: (row) => row.errors,
    text: (row) => count(row.errors),
  },
  {
    key: 'lastRun',
    title: 'Last run',
    hint: 'Start of the last run',
    by: (row) => row.lastRun,
    text: (row, now) => (row.lastRun === 0 ? 'never' : ago(now - row.lastRun)),
  },
]

export function luaShare({ seconds, luaSeconds }: Pick<ScriptRow, 'seconds' | 'luaSeconds'>): number {
  return seconds === 0 ? 0 : Math.min(1, luaSeconds / seconds)
}

/** Sorted by a column; `other` is always the last. */
export function sorted(rows: Iterable<ScriptRow>, column: Column, isReversed: boolean): ScriptRow[] {
  const sign = isReversed ? -1 : 1
  return [...rows].sort((a, b) => {
    if (a.kind === 'other' || b.kind === 'other')
      return Number(a.kind === 'other') - Number(b.kind === 'other')
    const [x, y] = [column.by(a), column.by(b)]
    const order = typeof x === 'number' ? (y as number) - x : x.localeCompare(y as string)
    return order * sign || (a.id < b.id ? -1 : 1)
  })
}

export function isWanted(row: ScriptRow, filter: string): boolean {
  const wanted = filter.trim().toLowerCase()
  return wanted === '' || row.id.toLowerCase().includes(wanted) || row.name.toLowerCase().includes(wanted)
}
