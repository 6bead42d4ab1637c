/**
 * Bits of a string, numbered from the highest bit of the first byte on: SETBIT, GETBIT.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { DENYOOM, FAST, READONLY, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec } from '../spec.ts'

const BITS_PER_BYTE = 8
const OFFSET_ERROR = 'ERR bit offset is not an integer or out of range'
const BIT_ERROR = 'ERR bit is not an integer or out of range'

/** The byte SETBIT writes. */
const changed = new Bytes(Buffer.alloc(1))

/** A bit offset, which must lie in a string of allowed length. */
function bitOffset(ctx: Context, b: Bytes): number {
  const offset = integerArg(b, OFFSET_ERROR)
  const isInside = offset >= 0 && Math.floor(offset / BITS_PER_BYTE) < ctx.config['proto-max-bulk-len']
  return isInside ? offset : failWith(OFFSET_ERROR)
}

/** The byte's bits with the one looked for alone set. */
function maskOf(offset: number): number {
  return 0x80 >> (offset % BITS_PER_BYTE)
}

/** The byte of a string that holds a bit; 0 behind its end. */
function byteOf(value: Bytes | undefined, offset: number): number {
  const index = Math.floor(offset / BITS_PER_BYTE)
  return value !== undefined && index < value.len ? value.byteAt(index) : 0
}

function runSetbit(ctx: Context, args: Args, reply: ReplySink): void {
  const { db } = ctx
  const key = args.at(1)
  const offset = bitOffset(ctx, args.at(2))
  const bit = integerArg(args.at(3), BIT_ERROR)
  if (bit !== 0 && bit !== 1) failWith(BIT_ERROR)
  const value = db.findString(key)
  const length = value?.len ?? 0
  const old = byteOf(value, offset)
  const mask = maskOf(offset)
  const index = Math.floor(offset / BITS_PER_BYTE)
  const written = bit === 1 ? old | mask : old & ~mask
  changed.buf[0] = written
  // Even where no bit changes, the string is `raw` from now on.
  db.overwriteString(key, index, changed)
  if (written !== old || index >= length) db.changed(key, 'setbit')
  reply.integer((old & mask) === 0 ? 0 : 1)
}

function runGetbit(ctx: Context, args: Args, reply: ReplySink): void {
  const offset = bitOffset(ctx, args.at(2))
  const byte = byteOf(ctx.db.readString(args.at(1)), offset)
  reply.integer((byte & maskOf(offset)) === 0 ? 0 : 1)
}

export const bitmapCommands: readonly CommandSpec[] = [
  {
    name: 'setbit',
    summary: 'Sets or clears a bit of the string stored at a key, which is made if there is none.',
    since: '2.2.0',
    complexity: 'O(1), beside making the string longer',
    group: 'bitmap',
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ['bitmap'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: runSetbit,
  },
  {
    name: 'getbit',
    summary: 'Answers a bit of the string stored at a key.',
    since: '2.2.0',
    complexity: 'O(1)',
    group: 'bitmap',
    arity: 3,
    flags: READONLY | FAST,
    acl: ['bitmap'],
    keys: [keyAt(1, 'RO', 'access')],
    run: runGetbit,
  },
]
