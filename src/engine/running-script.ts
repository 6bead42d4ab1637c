/**
 * What is asked of the script that runs.
 */
import type { Args } from '../memory/args.ts'

export interface RunningScript {
  /** The SHA of a script, the name of a function. */
  readonly name: string
  readonly isFunction: boolean
  /** The command that runs it. */
  args: Args
  /** It called a command that writes. */
  readonly wrote: boolean
}
