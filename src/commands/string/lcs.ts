/**
 * LCS: the longest common subsequence of two strings, by the table of the lengths for all pairs of prefixes.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { hasMore, integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { READONLY } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec } from '../spec.ts'

const EMPTY = new Bytes()
const BYTES_PER_LENGTH = 4

interface LcsOptions {
  length: boolean
  indexes: boolean
  withLengths: boolean
  minLength: number
}

function parseOptions(args: Args): LcsOptions {
  const options: LcsOptions = { length: false, indexes: false, withLengths: false, minLength: 0 }
  for (let i = 3; i < args.count; i++) {
    const option = args.at(i)
    if (option.is('IDX')) options.indexes = true
    else if (option.is('LEN')) options.length = true
    else if (option.is('WITHMATCHLEN')) options.withLengths = true
    else if (option.is('MINMATCHLEN') && hasMore(args, i)) options.minLength = integerArg(args.at(++i))
    else fail('syntax')
  }
  if (options.length && options.indexes) {
    failWith('ERR If you want both the length and indexes, please just use IDX.')
  }
  return options
}

/** The table of lengths: of the first i bytes of a and the first j of b at `j + i * width`. */
class LcsTable {
  readonly a: Bytes
  readonly b: Bytes
  private readonly lengths: Uint32Array
  private readonly width: number

  constructor(a: Bytes, b: Bytes, bytesMax: number) {
    this.a = a
    this.b = b
    this.width = b.len + 1
    const size = (a.len + 1) * this.width
    if (size * BYTES_PER_LENGTH > bytesMax) {
      failWith('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len')
    }
    this.lengths = allocate(size)
    for (let i = 1; i <= a.len; i++) this.fillRow(i)
  }

  get length(): number {
    return this.at(this.a.len, this.b.len)
  }

  /**
   * Walks the subsequence from its end and calls fn for each stretch that is contiguous in both strings, with the
   * positions of its first bytes.
   */
  forEachMatch(fn: (startA: number, startB: number, length: number) => void): void {
    let i = this.a.len
    let j = this.b.len
    let run = 0
    while (i > 0 && j > 0) {
      const equal = this.a.byteAt(i - 1) === this.b.byteAt(j - 1)
      if (equal) {
        i--
        j--
        run++
      }
      if (run > 0 && (!equal || i === 0 || j === 0)) {
        fn(i, j, run)
        run = 0
      }
      if (!equal) {
        if (this.at(i - 1, j) > this.at(i, j - 1)) i--
        else j--
      }
    }
  }

  private at(i: number, j: number): number {
    return this.lengths[i * this.width + j]!
  }

  private fillRow(i: number): void {
    const { b, lengths, width } = this
    const byte = this.a.byteAt(i - 1)
    const row = i * width
    const above = row - width
    for (let j = 1; j <= b.len; j++) {
      if (byte === b.byteAt(j - 1)) lengths[row + j] = lengths[above + j - 1]! + 1
      else lengths[row + j] = Math.max(lengths[above + j]!, lengths[row + j - 1]!)
    }
  }
}

function allocate(size: number): Uint32Array {
  try {
    return new Uint32Array(size)
  } catch {
    failWith('ERR Insufficient memory, failed allocating transient memory for LCS')
  }
}

function replySubsequence(table: LcsTable, reply: ReplySink): void {
  const out = Buffer.allocUnsafe(table.length)
  let end = out.length
  table.forEachMatch((start, _, length) => {
    end -= length
    const from = table.a.off + start
    table.a.buf.copy(out, end, from, from + length)
  })
  reply.bulk(new Bytes(out))
}

function replyIndexes(table: LcsTable, options: LcsOptions, reply: ReplySink): void {
  reply.map(2)
  reply.text('matches')
  const mark = reply.beginArray()
  let count = 0
  table.forEachMatch((startA, startB, length) => {
    if (length < options.minLength) return
    count++
    reply.array(options.withLengths ? 3 : 2)
    replyRange(startA, length, reply)
    replyRange(startB, length, reply)
    if (options.withLengths) reply.integer(length)
  })
  reply.endArray(mark, count)
  reply.text('len')
  reply.integer(table.length)
}

function replyRange(start: number, length: number, reply: ReplySink): void {
  reply.array(2)
  reply.integer(start)
  reply.integer(start + length - 1)
}

/** A string to keep beside another: views end with the next look-up. */
function stringOf(ctx: Context, key: Bytes): Bytes {
  const value = ctx.db.readStringIfAny(key)
  if (value !== undefined) return value.detach()
  if (ctx.db.exists(key)) failWith('ERR The specified keys must contain string values')
  return EMPTY
}

function runLcs(ctx: Context, args: Args, reply: ReplySink): void {
  const a = stringOf(ctx, args.at(1))
  const b = stringOf(ctx, args.at(2))
  const options = parseOptions(args)
  const table = new LcsTable(a, b, ctx.config['proto-max-bulk-len'])
  if (options.indexes) replyIndexes(table, options, reply)
  else if (options.length) reply.integer(table.length)
  else replySubsequence(table, reply)
}

export const lcsCommands: readonly CommandSpec[] = [
  {
    name: 'lcs',
    summary: 'Answers the longest common subsequence of two strings, its length or where it lies.',
    since: '7.0.0',
    complexity: 'O(N*M) where N and M are the lengths of the strings',
    group: 'string',
    arity: -3,
    flags: READONLY,
    acl: ['string'],
    keys: [{ ...keyAt(1, 'RO', 'access'), find: { last: 1, step: 1, limit: 0 } }],
    run: runLcs,
  },
]
