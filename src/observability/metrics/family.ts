/**
 * A family of metrics: a name, what it tells, and its samples at the moment of a scrape.
 */
import type { CurrentRun, LabelledCounters } from '../../counting/scripts/reader.ts'
import type { Figures } from './shared-figures.ts'

/** `untyped`: a name of redis_exporter's that says something else than the rules for such figures would have it. */
export type FamilyType = 'gauge' | 'counter' | 'histogram' | 'summary' | 'untyped'

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
  /** Of a histogram or a summary. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
}

/** What the metrics are of: one moment for all of a scrape. */
export interface Scrape {
  /** Unix ms. */
  readonly now: number
  readonly figures: Figures
  /** A row for each label, `other` the last. */
  readonly scripts: readonly LabelledCounters[]
  /** Error codes by number. */
  readonly codes: readonly string[]
  readonly running: CurrentRun | undefined
  /** Requests over HTTP that were refused, by reason. */
  readonly denied: ReadonlyMap<string, number>
}

export interface Family {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  samples(scrape: Scrape): Iterable<Sample>
}

export const NO_LABELS: Labels = {}

/** Sets of labels kept; with more they are made anew. */
const KEPT_MAX = 4096
const kept = new Map<string, Labels>()
const extended = new WeakMap<Labels, Map<string, Labels>>()

/**
 * The same object for the same labels at each scrape, as the registry keeps the text of those it has seen. An empty label is
 * as good as none.
 */
export function labelSet(name: string, value: string, second = '', secondValue = ''): Labels {
  const key = `${name}=${value} ${second}=${secondValue}`
  const known = kept.get(key)
  if (known !== undefined) return known
  if (kept.size >= KEPT_MAX) kept.clear()
  const labels = secondValue === '' ? { [name]: value } : { [name]: value, [second]: secondValue }
  kept.set(key, labels)
  return labels
}

/** The labels and one more, of which there are few values. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  let known = extended.get(labels)
  if (known === undefined) extended.set(labels, (known = new Map()))
  let all = known.get(value)
  if (all === undefined) known.set(value, (all = { ...labels, [name]: value }))
  return all
}
