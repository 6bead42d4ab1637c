/**
 * The requests that took long.
 */
import type { Bytes } from '../../memory/bytes.ts'

export interface SlowlogEntry {
  readonly id: number
  /** Unix time in seconds. */
  readonly time: number
  readonly microseconds: number
  /** Arguments as they are shown: cut to a bounded number and length. */
  readonly args: readonly Bytes[]
  readonly address: string
  readonly clientName: string
}

export interface Slowlog {
  readonly length: number
  /** The newest first. */
  newest(count: number): readonly SlowlogEntry[]
  reset(): void
}
