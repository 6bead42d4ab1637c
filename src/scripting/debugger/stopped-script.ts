/**
 * A script that has stopped, as its debugger may look at it and act on it: the other side of native/src/debugger.c. Text is
 * one character a byte.
 */
import { BREAKPOINTS_MAX, DEBUG_BREAKPOINT_COUNT, DEBUG_BREAKPOINTS, DEBUG_LINE, DEBUG_STEP } from '../abi.ts'
import type { Interpreter } from '../interpreter.ts'

/** A call on the way from the script to where it stopped. */
export interface Call {
  /** 0: the innermost. */
  readonly level: number
  readonly line: number
  readonly name: string
}

export interface Variable {
  readonly name: string
  readonly value: string
}

const WORD = 4
/** Bytes of an argument's place and length. */
const PAIR = 8

export class StoppedScript {
  readonly interpreter: Interpreter
  private readonly block: number

  constructor(interpreter: Interpreter) {
    this.interpreter = interpreter
    this.block = interpreter.exports.debugger()
  }

  /** Where it is. */
  get line(): number {
    return this.word(DEBUG_LINE)
  }

  /** It stops at the next line, and what it does until then is told. */
  get isStepping(): boolean {
    return this.word(DEBUG_STEP) !== 0
  }

  set isStepping(on: boolean) {
    this.setWord(DEBUG_STEP, Number(on))
  }

  /** Lines, in the order they were set. */
  get breakpoints(): readonly number[] {
    const count = this.word(DEBUG_BREAKPOINT_COUNT)
    return Array.from({ length: count }, (_, i) => this.word(DEBUG_BREAKPOINTS + i * WORD))
  }

  /** There may be no more than BREAKPOINTS_MAX. */
  set breakpoints(lines: readonly number[]) {
    for (const [i, line] of lines.entries()) this.setWord(DEBUG_BREAKPOINTS + i * WORD, line)
    this.setWord(DEBUG_BREAKPOINT_COUNT, Math.min(lines.length, BREAKPOINTS_MAX))
  }

  /** The value of a variable, undefined where there is none of that name. */
  value(name: string): string | undefined {
    const { exports } = this.interpreter
    const found = exports.debugger_print(this.write(name))
    return found === 0 ? undefined : this.output
  }

  /** The local variables of the function it stopped in. */
  locals(): Variable[] {
    const count = this.interpreter.exports.debugger_locals()
    const reader = new Reader(this.output)
    return Array.from({ length: Math.max(count, 0) }, () => ({ name: reader.text(), value: reader.text() }))
  }

  /** The calls of functions of the script, the innermost first; undefined where there are no calls at all. */
  trace(): Call[] | undefined {
    const count = this.interpreter.exports.debugger_trace()
    if (count <= 0) return undefined
    const reader = new Reader(this.output)
    const calls: Call[] = []
    while (!reader.isAtEnd) calls.push({ level: reader.word(), line: reader.word(), name: reader.text() })
    return calls
  }

  /** Runs Lua code: its value, or the error. */
  evaluate(code: string): { readonly value: string } | { readonly error: string } {
    const succeeded = this.interpreter.exports.debugger_eval(this.write(code)) === 1
    return succeeded ? { value: this.output } : { error: this.output }
  }

  /** Calls a command as if the script did; it is told as those of a line that is stepped over. */
  call(words: readonly string[]): void {
    const { interpreter } = this
    const bytes = words.reduce((sum, word) => sum + word.length, 0)
    const at = interpreter.input(words.length * PAIR + bytes)
    let offset = words.length * PAIR
    for (const [i, word] of words.entries()) {
      interpreter.heap.writeUInt32LE(offset, at + i * PAIR)
      interpreter.heap.writeUInt32LE(word.length, at + i * PAIR + WORD)
      interpreter.heap.latin1Write(word, at + offset)
      offset += word.length
    }
    interpreter.exports.debugger_call(words.length)
  }

  /** Puts text into the input buffer; its length. */
  private write(text: string): number {
    const { interpreter } = this
    return interpreter.heap.latin1Write(text, interpreter.input(text.length))
  }

  private get output(): string {
    const { heap, output, outputLength } = this.interpreter
    return heap.latin1Slice(output, output + outputLength)
  }

  private word(offset: number): number {
    return this.interpreter.words[(this.block + offset) >> 2]!
  }

  private setWord(offset: number, value: number): void {
    this.interpreter.words[(this.block + offset) >> 2] = value
  }
}

/** Reads words and texts, each a length and its bytes. */
class Reader {
  private readonly bytes: Buffer
  private at = 0

  constructor(latin1: string) {
    this.bytes = Buffer.from(latin1, 'latin1')
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length
  }

  word(): number {
    this.at += WORD
    return this.bytes.readInt32LE(this.at - WORD)
  }

  text(): string {
    const length = this.word()
    this.at += length
    return this.bytes.latin1Slice(this.at - length, this.at)
  }
}
