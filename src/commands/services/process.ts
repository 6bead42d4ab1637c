/**
 * The process that the server is: its log, and its end.
 */

/** Where the log goes; levels as in `loglevel`. */
export interface ServerLog {
  debug(text: string): void
  verbose(text: string): void
  notice(text: string): void
  warning(text: string): void
}

export interface ShutdownOptions {
  readonly save: 'default' | 'save' | 'nosave'
  /** Does not wait for replicas. */
  readonly now: boolean
  /** Ends even when saving fails. */
  readonly force: boolean
}

export interface Lifecycle {
  /** Ends the process after this turn of the event loop; false when it could not (saving failed). */
  shutdown(options: ShutdownOptions): boolean
  /** Takes a shutdown back that waits for something; false when none does. */
  abortShutdown(): boolean
  /** Unix time in seconds of the last successful save, of the start where there was none. */
  readonly lastSave: number
}
