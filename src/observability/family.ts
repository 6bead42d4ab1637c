/**
 * A family of metrics: a name, what it tells, and its samples at the moment of a scrape.
 */
import type { LabelledCounters, RunningScript } from './scripts/reader.ts'
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
  readonly running: RunningScript | undefined
}

export interface Family {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  samples(scrape: Scrape): Iterable<Sample>
}

export const NO_LABELS: Labels = {}
