/**
 * Whoever follows a script line by line, as the interpreter sees it.
 */
import type { Bytes } from '../memory/bytes.ts'
import type { Interpreter } from './interpreter.ts'

export interface ScriptDebugger {
  /** Scripts that are to be debugged run in this interpreter. */
  attach(interpreter: Interpreter): void
  /** The script has stopped, see abi.ts; the error to end it with, or undefined: it goes on. */
  stop(reason: number): string | undefined
  /** It has run for so long that it is to stop. */
  readonly isOverdue: boolean
  /** Asked now and then while it runs: the error to end it with. */
  poll(): string | undefined
  show(text: Bytes): void
}
