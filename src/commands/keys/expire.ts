/**
 * Commands on the expiry of keys: EXPIRE, TTL, PERSIST and their relatives.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { FAST, READONLY, WRITE } from '../flags.ts'
import { keyAt } from '../key-spec.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { expireTime, MILLISECONDS, SECONDS, type TimeUnit } from './expire-time.ts'

const NX = 1 << 0
const XX = 1 << 1
const GT = 1 << 2
const LT = 1 << 3

function expireOptions(args: Args): number {
  let flags = 0
  for (let i = 3; i < args.count; i++) {
    const option = args.at(i)
    if (option.is('NX')) flags |= NX
    else if (option.is('XX')) flags |= XX
    else if (option.is('GT')) flags |= GT
    else if (option.is('LT')) flags |= LT
    else failWith(`ERR Unsupported option ${option.printed()}`)
  }
  if ((flags & NX) !== 0 && flags !== NX) {
    failWith('ERR NX and XX, GT or LT options at the same time are not compatible')
  }
  if ((flags & GT) !== 0 && (flags & LT) !== 0) {
    failWith('ERR GT and LT options at the same time are not compatible')
  }
  return flags
}

/** Whether the options let an expiry `current` (-1: none, which counts as never) become `at`. */
function allowed(flags: number, current: number, at: number): boolean {
  if ((flags & NX) !== 0 && current !== -1) return false
  if ((flags & XX) !== 0 && current === -1) return false
  if ((flags & GT) !== 0 && (current === -1 || at <= current)) return false
  return !((flags & LT) !== 0 && current !== -1 && at >= current)
}

function expire(command: string, unit: TimeUnit, isAbsolute: boolean): Handler {
  return (ctx, args, reply) => {
    const flags = args.count > 3 ? expireOptions(args) : 0
    const at = expireTime(args.at(2), unit, isAbsolute ? 0 : ctx.now, command)
    reply.integer(setExpiry(ctx, args, flags, at) ? 1 : 0)
  }
}

/** A time that has passed deletes the key. */
function setExpiry(ctx: Context, args: Args, flags: number, at: number): boolean {
  const { db } = ctx
  const key = args.at(1)
  if (flags !== 0) {
    const current = db.expiry(key)
    if (current === -2 || !allowed(flags, current, at)) return false
  }
  if (at <= ctx.now) return db.deleteExpired(key)
  if (!db.setExpiry(key, at)) return false
  db.changed(key, 'expire')
  return true
}

function timeToLive(unit: TimeUnit, isAbsolute: boolean): Handler {
  return (ctx, args, reply) => {
    const at = ctx.db.readExpiry(args.at(1))
    if (at < 0) {
      reply.integer(at)
      return
    }
    const ms = isAbsolute ? at : Math.max(0, at - ctx.now)
    const value = unit === SECONDS ? Math.floor((ms + 500) / 1000) : ms
    reply.integer(Number.isSafeInteger(value) ? value : BigInt(value))
  }
}

function runPersist(ctx: Context, args: Args, reply: ReplySink): void {
  const key = args.at(1)
  const persisted = ctx.db.persist(key)
  if (persisted) ctx.db.changed(key, 'persist')
  reply.integer(persisted ? 1 : 0)
}

const NONDETERMINISTIC = ['nondeterministic_output']

function expireSpec(name: string, since: string, summary: string, run: Handler): CommandSpec {
  return {
    name,
    summary,
    since,
    complexity: 'O(1)',
    group: 'generic',
    arity: -3,
    flags: WRITE | FAST,
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'update')],
    run,
  }
}

function ttlSpec(
  name: string,
  since: string,
  summary: string,
  tips: readonly string[],
  run: Handler,
): CommandSpec {
  return {
    name,
    summary,
    since,
    complexity: 'O(1)',
    group: 'generic',
    arity: 2,
    flags: READONLY | FAST,
    acl: ['keyspace'],
    tips,
    keys: [keyAt(1, 'RO', 'access')],
    run,
  }
}

export const expireCommands: readonly CommandSpec[] = [
  expireSpec('expire', '1.0.0', 'Lets a key expire after some seconds.', expire('expire', SECONDS, false)),
  expireSpec(
    'pexpire',
    '2.6.0',
    'Lets a key expire after some milliseconds.',
    expire('pexpire', MILLISECONDS, false),
  ),
  expireSpec(
    'expireat',
    '1.2.0',
    'Lets a key expire at a Unix time in seconds.',
    expire('expireat', SECONDS, true),
  ),
  expireSpec(
    'pexpireat',
    '2.6.0',
    'Lets a key expire at a Unix time in milliseconds.',
    expire('pexpireat', MILLISECONDS, true),
  ),
  ttlSpec(
    'ttl',
    '1.0.0',
    'Answers in how many seconds a key expires.',
    NONDETERMINISTIC,
    timeToLive(SECONDS, false),
  ),
  ttlSpec(
    'pttl',
    '2.6.0',
    'Answers in how many milliseconds a key expires.',
    NONDETERMINISTIC,
    timeToLive(MILLISECONDS, false),
  ),
  ttlSpec(
    'expiretime',
    '7.0.0',
    'Answers the Unix time in seconds at which a key expires.',
    [],
    timeToLive(SECONDS, true),
  ),
  ttlSpec(
    'pexpiretime',
    '7.0.0',
    'Answers the Unix time in milliseconds at which a key expires.',
    [],
    timeToLive(MILLISECONDS, true),
  ),
  {
    name: 'persist',
    summary: 'Removes the expiry of a key.',
    since: '2.2.0',
    complexity: 'O(1)',
    group: 'generic',
    arity: 2,
    flags: WRITE | FAST,
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'update')],
    run: runPersist,
  },
]
