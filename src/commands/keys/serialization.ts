/**
 * DUMP and RESTORE: values as bytes that another server, or another version, can read.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { dump } from '../../serialization/dump.ts'
import { load } from '../../serialization/restore.ts'
import { isIntact } from '../../serialization/sealed.ts'
import { hasMore, int64Arg, integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { ASKING, DENYOOM, READONLY, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec } from '../spec.ts'

const MAX_FREQUENCY = 255

function runDump(ctx: Context, args: Args, reply: ReplySink): void {
  const payload = dump(ctx.db, args.at(1), { compress: ctx.config.rdbcompression })
  if (payload === undefined) reply.null()
  else reply.bulk(payload)
}

interface RestoreOptions {
  replace: boolean
  /** The expiry is a Unix time. */
  absolute: boolean
  idleSeconds?: number
  frequency?: number
}

function restoreOptions(args: Args): RestoreOptions {
  const options: RestoreOptions = { replace: false, absolute: false }
  for (let i = 4; i < args.count; i++) {
    const word = args.at(i)
    if (word.is('REPLACE')) options.replace = true
    else if (word.is('ABSTTL')) options.absolute = true
    else if (word.is('IDLETIME') && hasMore(args, i) && options.frequency === undefined) {
      options.idleSeconds = integerArg(args.at(++i))
      if (options.idleSeconds < 0) failWith('ERR Invalid IDLETIME value, must be >= 0')
    } else if (word.is('FREQ') && hasMore(args, i) && options.idleSeconds === undefined) {
      options.frequency = integerArg(args.at(++i))
      if (options.frequency < 0 || options.frequency > MAX_FREQUENCY) {
        failWith('ERR Invalid FREQ value, must be >= 0 and <= 255')
      }
    } else fail('syntax')
  }
  return options
}

/** When the key is to expire, 0: never. A time that 64 bits cannot hold lies in the past, as it does in Valkey. */
function expiryOf(ctx: Context, b: Bytes, absolute: boolean): number {
  const ttl = int64Arg(b)
  if (ttl < 0) failWith('ERR Invalid TTL value, must be >= 0')
  if (ttl === 0 || absolute) return Number(ttl)
  return Number(BigInt.asIntN(64, BigInt(ttl) + BigInt(ctx.now)))
}

function runRestore(ctx: Context, args: Args, reply: ReplySink): void {
  const { db } = ctx
  const key = args.at(1)
  const options = restoreOptions(args)
  if (!options.replace && db.exists(key)) fail('busyKey')
  const expiry = expiryOf(ctx, args.at(2), options.absolute)
  const payload = args.at(3)
  if (!isIntact(payload, ctx.config['rdb-version-check'] === 'strict')) {
    failWith('ERR DUMP payload version or checksum are wrong')
  }
  const value = load(db, payload) ?? failWith('ERR Bad data format')
  const replaced = options.replace && db.delete(key)
  if (expiry !== 0 && expiry <= ctx.now) {
    if (!(value instanceof Bytes)) value.free()
    if (replaced) db.changed(key, 'del')
  } else {
    if (value instanceof Bytes) db.writeString(key, value)
    else db.attach(key, value)
    if (expiry !== 0) db.setExpiry(key, expiry)
    db.setAccess(key, options.idleSeconds, options.frequency)
    db.changed(key, 'restore')
  }
  reply.ok()
}

export const serializationCommands: readonly CommandSpec[] = [
  {
    name: 'dump',
    summary: 'Answers the value stored at a key as bytes for RESTORE.',
    since: '2.6.0',
    complexity: 'O(N) where N is the size of the value',
    group: 'generic',
    arity: 2,
    flags: READONLY,
    acl: ['keyspace'],
    tips: ['nondeterministic_output'],
    keys: [keyAt(1, 'RO', 'access')],
    run: runDump,
  },
  {
    name: 'restore',
    summary: 'Makes a key of the bytes that DUMP answered.',
    since: '2.6.0',
    complexity: 'O(N) where N is the size of the value, O(N*log(N)) for large sorted sets',
    group: 'generic',
    arity: -4,
    flags: WRITE | DENYOOM,
    acl: ['keyspace', 'dangerous'],
    keys: [keyAt(1, 'OW', 'update')],
    run: runRestore,
  },
  {
    name: 'restore-asking',
    summary: 'RESTORE of a key whose slot is on its way here, as MIGRATE sends it.',
    since: '3.0.0',
    complexity: 'O(N) where N is the size of the value, O(N*log(N)) for large sorted sets',
    group: 'server',
    arity: -4,
    flags: WRITE | DENYOOM | ASKING,
    acl: ['keyspace', 'dangerous'],
    keys: [keyAt(1, 'OW', 'update')],
    run: runRestore,
  },
]
