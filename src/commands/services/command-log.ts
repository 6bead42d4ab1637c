/**
 * The requests that stood out.
 */
import type { Bytes } from '../../memory/bytes.ts'

/** Those that took long, and those that were large or had a large reply. */
export const COMMAND_LOG_NAMES = ['slow', 'large-request', 'large-reply'] as const

export type CommandLogName = (typeof COMMAND_LOG_NAMES)[number]

export interface CommandLogEntry {
  readonly id: number
  /** Unix time in seconds. */
  readonly time: number
  /** Microseconds, or bytes. */
  readonly value: number
  /** Arguments as they are shown: cut to a bounded number and length. */
  readonly args: readonly Bytes[]
  readonly address: string
  readonly clientName: string
}

export interface CommandLog {
  readonly length: number
  /** The newest first. */
  newest(count: number): readonly CommandLogEntry[]
  reset(): void
}
