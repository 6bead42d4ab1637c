/**
 * The commands at the front of a chunk of input, as a table of offsets and lengths: a chunk is read once, no object is
 * made for a command or an argument, and whoever runs the commands can look at those ahead to have their keys at hand.
 *
 * Only complete and well-formed commands in the multibulk form enter the table. It ends before anything else (a command
 * that goes on in the next chunk, an inline command, an error), which is the request parser's to deal with.
 */
import type { Args } from '../memory/args.ts'
import { viewOf } from '../memory/views.ts'
import {
  BULK_BYTES_MAX,
  type RequestLimits,
  UNAUTHENTICATED_ARGUMENTS_MAX,
  UNAUTHENTICATED_BULK_BYTES_MAX,
} from './request-limits.ts'

/** Commands in the table at most. */
export const WINDOW_COMMANDS = 16
/** Commands with more arguments are left to the request parser. */
const WINDOW_ARGUMENTS_MAX = 64 * 1024

const STAR = 42
const DOLLAR = 36
const CR = 13
const ZERO = 48
/** What is before an argument has at least so many bytes, and mostly these: `$`, a digit, a line end. */
const HEAD = 4
const ONE_DIGIT = 0x0a0d0024
const ONE_DIGIT_MASK = ~0xff00

export class CommandWindow {
  /** What offsets refer to. */
  buf: Buffer = Buffer.alloc(0)
  /** Commands in the table. */
  count = 0
  /** Offset and length of each argument of all commands. */
  private pairs = new Int32Array(1024)
  /** By command: where its pairs begin, how many arguments it has, and the position in the chunk behind it. */
  private readonly first = new Int32Array(WINDOW_COMMANDS)
  private readonly argumentCounts = new Int32Array(WINDOW_COMMANDS)
  private readonly ends = new Int32Array(WINDOW_COMMANDS)
  private used = 0
  private maxArguments = 0
  private maxBulk = 0

  /** Reads commands from `start`; returns how many there are. */
  scan(buf: Buffer, start: number, end: number, limits: RequestLimits): number {
    this.buf = buf
    this.used = 0
    this.maxArguments = limits.authenticated ? WINDOW_ARGUMENTS_MAX : UNAUTHENTICATED_ARGUMENTS_MAX
    this.maxBulk = limits.authenticated
      ? Math.min(limits.maxBulk, BULK_BYTES_MAX)
      : UNAUTHENTICATED_BULK_BYTES_MAX
    let commands = 0
    for (let p = start; commands < WINDOW_COMMANDS && p < end; commands++) {
      this.first[commands] = this.used
      p = this.command(buf, p, end)
      if (p < 0) break
      this.ends[commands] = p
      this.argumentCounts[commands] = (this.used - this.first[commands]!) >> 1
    }
    this.count = commands
    return commands
  }

  /** Points `args` at a command's arguments. */
  load(command: number, args: Args): void {
    args.reset()
    const buf = this.buf
    const pairs = this.pairs
    let i = this.first[command]!
    for (let left = this.argumentCounts[command]!; left > 0; left--, i += 2)
      args.push(buf, pairs[i]!, pairs[i + 1]!)
  }

  /** The position in the chunk behind a command. */
  endOf(command: number): number {
    return this.ends[command]!
  }

  argumentCount(command: number): number {
    return this.argumentCounts[command]!
  }

  offset(command: number, argument: number): number {
    return this.pairs[this.first[command]! + 2 * argument]!
  }

  length(command: number, argument: number): number {
    return this.pairs[this.first[command]! + 2 * argument + 1]!
  }

  /** Reads one command into the table; returns the position behind it, -1 when it is not one for the table. */
  private command(buf: Buffer, start: number, end: number): number {
    if (buf[start] !== STAR) return -1
    let p = start + 1
    let left = 0
    for (let c = 0; ; ) {
      if (p >= end) return -1
      c = buf[p++]!
      if (c === CR) break
      c -= ZERO
      // A count has no leading zeros; a count of zero is no command.
      if (c < 0 || c > 9 || (c === 0 && left === 0)) return -1
      left = left * 10 + c
      if (left > this.maxArguments) return -1
    }
    if (left === 0) return -1
    p++
    let i = this.used
    if (i + 2 * left > this.pairs.length) this.grow(i + 2 * left)
    const pairs = this.pairs
    const view = viewOf(buf)
    for (; left > 0; left--) {
      if (p + HEAD > end) return -1
      const head = view.getInt32(p, true)
      let length = ((head >>> 8) & 0xff) - ZERO
      if (length < 0 || length > 9) return -1
      if ((head & ONE_DIGIT_MASK) === ONE_DIGIT) p += HEAD
      else {
        if ((head & 0xff) !== DOLLAR) return -1
        p += 2
        for (let c = 0; ; ) {
          if (p >= end) return -1
          c = buf[p++]!
          if (c === CR) break
          c -= ZERO
          if (c < 0 || c > 9 || length === 0) return -1
          length = length * 10 + c
          if (length > this.maxBulk) return -1
        }
        p++
      }
      pairs[i] = p
      pairs[i + 1] = length
      i += 2
      p += length + 2
      if (p > end) return -1
    }
    this.used = i
    return p
  }

  private grow(needed: number): void {
    const larger = new Int32Array(2 * needed)
    larger.set(this.pairs.subarray(0, this.used))
    this.pairs = larger
  }
}
