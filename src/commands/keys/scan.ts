/**
 * Commands that look through the keys of a database: SCAN, KEYS, RANDOMKEY.
 */
import { patternSlot } from '../../cluster/hash-slot.ts'
import { fail, failWith } from '../../errors.ts'
import type { TypeName } from '../../keyspace/database.ts'
import { matchesAll, matchGlob } from '../../keyspace/glob.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { hasMore, integerArg } from '../arguments.ts'
import { MemberList } from '../collection/member-list.ts'
import { cursorArg } from '../collection/scan.ts'
import type { Context } from '../context.ts'
import { READONLY } from '../flags.ts'
import type { CommandSpec } from '../spec.ts'

const DEFAULT_COUNT = 10
const FIRST_OPTION = 2

const TYPES: ReadonlyMap<string, TypeName> = new Map([
  ['STRING', 'string'],
  ['LIST', 'list'],
  ['SET', 'set'],
  ['ZSET', 'zset'],
  ['HASH', 'hash'],
  ['STREAM', 'stream'],
])

interface ScanOptions {
  count: number
  pattern: Bytes | undefined
  type: TypeName | undefined
}

function scanOptions(args: Args): ScanOptions {
  const options: ScanOptions = { count: DEFAULT_COUNT, pattern: undefined, type: undefined }
  for (let i = FIRST_OPTION; i < args.count; i++) {
    const option = args.at(i)
    if (option.is('COUNT') && hasMore(args, i)) {
      options.count = integerArg(args.at(++i))
      if (options.count < 1) fail('syntax')
    } else if (option.is('MATCH') && hasMore(args, i)) {
      const pattern = args.at(++i)
      options.pattern = matchesAll(pattern) ? undefined : pattern
    } else if (option.is('TYPE') && hasMore(args, i)) {
      options.type = typeArg(args.at(++i))
    } else if (option.is('NOVALUES')) {
      fail('novaluesOnlyHscan')
    } else if (option.is('NOSCORES')) {
      fail('noscoresOnlyZscan')
    } else {
      fail('syntax')
    }
  }
  return options
}

function typeArg(b: Bytes): TypeName {
  return TYPES.get(b.latin1().toUpperCase()) ?? failWith(`ERR unknown type name '${b.printed()}'`)
}

function runScan(ctx: Context, args: Args, reply: ReplySink): void {
  const cursor = cursorArg(args.at(1))
  const { count, pattern, type } = scanOptions(args)
  // The cursor stands first in the reply and is known last.
  const found = new MemberList()
  const next = ctx.db.scan(cursor, count, (key, keyType) => {
    if (type !== undefined && keyType !== type) return
    if (pattern === undefined || matchGlob(pattern, key)) found.push(key)
  })
  reply.array(2)
  reply.text(String(next))
  reply.array(found.size)
  for (let i = 0; i < found.size; i++) reply.bulk(found.at(i))
}

function runKeys(ctx: Context, args: Args, reply: ReplySink): void {
  const pattern = args.at(1)
  const all = matchesAll(pattern)
  let count = 0
  const mark = reply.beginArray()
  const answer = (key: Bytes) => {
    if (!all && !matchGlob(pattern, key)) return
    reply.bulk(key)
    count++
  }
  const { db } = ctx
  const slot = db.bySlot === null ? -1 : patternSlot(pattern)
  if (slot < 0) db.forEach(answer)
  else db.bySlot!.forEach(slot, Infinity, (key) => db.hasExpired(key) || answer(key))
  reply.endArray(mark, count)
}

function runRandomkey(ctx: Context, _args: Args, reply: ReplySink): void {
  const key = ctx.db.randomKey()
  if (key === undefined) reply.null()
  else reply.bulk(key)
}

export const scanCommands: readonly CommandSpec[] = [
  {
    name: 'scan',
    summary: 'Answers some keys of the database and a cursor to go on from.',
    since: '2.8.0',
    complexity: 'O(1) a call, O(N) for all calls of a complete pass over N keys',
    group: 'generic',
    arity: -2,
    flags: READONLY,
    acl: ['keyspace'],
    tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
    keys: [],
    run: runScan,
  },
  {
    name: 'keys',
    summary: 'Answers all keys whose names match a pattern.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys in the database',
    group: 'generic',
    arity: 2,
    flags: READONLY,
    acl: ['keyspace', 'dangerous'],
    tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
    keys: [],
    run: runKeys,
  },
  {
    name: 'randomkey',
    summary: 'Answers a random key of the database.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'generic',
    arity: 1,
    flags: READONLY,
    acl: ['keyspace'],
    tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
    keys: [],
    run: runRandomkey,
  },
]
