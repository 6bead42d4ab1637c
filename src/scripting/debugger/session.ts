/**
 * A debugging session: one run of a script whose user decides, whenever it stops, what comes next. The session says
 * nothing about where the script runs and how its user is reached; the commands are in commands.ts.
 */
import type { Bytes } from '../../memory/bytes.ts'
import type { Conversation } from '../../protocol/conversation.ts'
import { STOP_ASKED_FOR, STOP_BREAKPOINT, STOP_STEP, STOP_TIMEOUT } from '../abi.ts'
import type { Interpreter } from '../interpreter.ts'
import type { ScriptDebugger } from '../script-debugger.ts'
import { carryOut } from './commands.ts'
import { INCOMPLETE, MALFORMED, readRequest } from './request.ts'
import { StoppedScript } from './stopped-script.ts'
import { Transcript } from './transcript.ts'

/** Bytes of a request that is not complete. */
const INPUT_MAX = 1024 * 1024
/** A script that runs for so long without a stop is asked whether it ends; where scripts are never late, too. */
const TIME_LIMIT_DEFAULT_MS = 5000

const REASONS: Readonly<Record<number, string>> = {
  [STOP_STEP]: 'step over',
  [STOP_BREAKPOINT]: 'break point',
  [STOP_ASKED_FOR]: 'server.breakpoint() called',
  [STOP_TIMEOUT]: 'timeout reached, infinite loop?',
}

const ABANDONED = 'ERR timeout during Lua debugging with client closing connection'

export interface SessionOptions {
  /** The script's text, shebang included. */
  readonly body: Bytes
  readonly user: Conversation
  /** Milliseconds, 0: the default. */
  readonly timeLimit: number
  readonly now?: () => number
}

export class DebugSession implements ScriptDebugger {
  readonly transcript = new Transcript()
  /** The script's lines, a character a byte. */
  readonly source: readonly string[]
  /** There while the script runs. */
  script!: StoppedScript
  private readonly user: Conversation
  private readonly timeLimit: number
  private readonly now: () => number
  /** When it went on after its last stop. */
  private resumedAt: number

  constructor({ body, user, timeLimit, now = () => performance.now() }: SessionOptions) {
    const text = body.latin1().replace(/[\r\n]+$/, '')
    this.source = text === '' ? [] : text.split('\n')
    this.user = user
    this.timeLimit = timeLimit || TIME_LIMIT_DEFAULT_MS
    this.now = now
    this.resumedAt = now()
  }

  attach(interpreter: Interpreter): void {
    interpreter.exports.debugger_attach()
    this.script = new StoppedScript(interpreter)
  }

  get isOverdue(): boolean {
    return this.now() - this.resumedAt >= this.timeLimit
  }

  /** What the script does now is told. */
  get isStepping(): boolean {
    return this.script.isStepping
  }

  show(text: Bytes): void {
    this.transcript.add(text.latin1())
  }

  /** Nobody is there to be asked whether a script that does not stop is to go on. */
  poll(): string | undefined {
    return this.isOverdue && this.user.isGone ? ABANDONED : undefined
  }

  stop(reason: number): string | undefined {
    const { line } = this.script
    this.transcript.add(`* Stopped at ${line}, stop reason = ${REASONS[reason]}`)
    this.transcript.add(this.sourceLine(line))
    this.tell()
    const outcome = this.converse()
    if (outcome === 'gone' && reason === STOP_TIMEOUT) return ABANDONED
    this.resumedAt = this.now()
    return outcome === 'gone' || outcome === 'resume' ? undefined : outcome.error
  }

  /** The script is over: tells what is left. */
  end(): void {
    this.transcript.add('<endsession>')
    this.tell()
  }

  /** A line of the script with its marks. */
  sourceLine(line: number): string {
    const { script, source } = this
    const arrow = script.line === line ? '->' : '  '
    const mark = script.breakpoints.includes(line) ? '#' : ' '
    return `${arrow}${mark}${String(line).padEnd(3)} ${source[line - 1] ?? '<out of range source code line>'}`
  }

  /** Adds the lines at most `context` away from one. */
  list(around: number, context: number): void {
    for (let line = 1; line <= this.source.length; line++) {
      if (Math.abs(around - line) <= context) this.transcript.add(this.sourceLine(line))
    }
  }

  private tell(): void {
    this.user.write(this.transcript.take())
  }

  /** Carries out what the user asks for until the script is to go on, or to end. */
  private converse(): 'resume' | 'gone' | { readonly error: string } {
    for (let input = ''; ; ) {
      const words = input === '' ? INCOMPLETE : readRequest(input)
      if (words === MALFORMED) return { error: 'ERR protocol error' }
      if (words !== INCOMPLETE) {
        input = ''
        const outcome = carryOut(this, words)
        if (outcome !== 'answer') return outcome
        this.tell()
        continue
      }
      const bytes = this.user.read()
      if (bytes === null) {
        // The script runs to its end by itself.
        this.script.breakpoints = []
        return 'gone'
      }
      input += bytes.toString('latin1')
      if (input.length > INPUT_MAX) return { error: 'ERR max client buffer reached' }
    }
  }
}
