/**
 * DEBUG: what tests look at and change. It must be allowed by `enable-debug-command`.
 */
import { readMemory } from '../../config/codecs.ts'
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import { parseDouble } from '../../memory/parse-double.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { setPackedThreshold } from '../../types/quicklist-limits.ts'
import { integerArg, positiveCount } from '../arguments.ts'
import type { Context } from '../context.ts'
import { ADMIN, LOADING, NOSCRIPT, STALE } from '../flags.ts'
import { failSubcommand, replyHelp } from '../help.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { addValue, Digest, datasetDigest } from './dataset-digest.ts'
import { runClientEviction } from './debug-clients.ts'
import { debugProtocol } from './debug-protocol.ts'

const HELP = [
  'CLIENT-EVICTION',
  '    Show low level client eviction pools info (maxmemory-clients).',
  'DIGEST',
  '    Output a hex signature representing the current DB content.',
  'DIGEST-VALUE <key> [<key> ...]',
  '    Output a hex signature of the values of all the specified keys.',
  'ERROR <string>',
  '    Return a RESP protocol error with <string> as message. Useful for clients',
  '    unit tests to simulate error replies.',
  'HTSTATS <dbid>',
  '    Return hash table statistics of the specified database.',
  'LOG <message>',
  '    Write <message> to the server log.',
  'OBJECT <key> [fast]',
  '    Show low level info about `key` and associated value.',
  'PAUSE-CRON <0|1>',
  '    Stop periodic cron job processing.',
  'POPULATE <count> [<prefix>] [<size>]',
  '    Create <count> string keys named key:<num>. If <prefix> is specified then',
  "    it is used instead of the 'key' prefix.",
  'PROTOCOL <type>',
  '    Reply with a test value of the specified type. <type> can be: string,',
  '    integer, double, bignum, null, array, set, map, attrib, push, verbatim,',
  '    true, false.',
  'QUICKLIST-PACKED-THRESHOLD <size>',
  '    Sets the size from which elements of lists have nodes of their own.',
  'REPLYBUFFER RESIZING <0|1>',
  '    Setting it to 0 lets idle connections keep their buffers.',
  'SET-ACTIVE-EXPIRE <0|1>',
  '    Setting it to 0 disables expiring keys in background when they are not',
  '    accessed (otherwise the behavior). Setting it to 1 reenables back the',
  '    default.',
  'SET-DISABLE-DENY-SCRIPTS <0|1>',
  '    Allow scripts to call commands that are denied to them.',
  'SLEEP <seconds>',
  '    Stop the server for <seconds>. Decimals allowed.',
]

const MILLISECONDS = 1000
const PACKED_THRESHOLD_MAX = 2n ** 32n - 2n ** 20n

/** `1` is on; so is all else that C's atoi does not read as 0. */
function isOn(word: Bytes): boolean {
  return Number.parseInt(word.latin1(), 10) !== 0 && /^\s*[+-]?\d/.test(word.latin1())
}

function runObject(ctx: Context, args: Args, reply: ReplySink): void {
  const entry = ctx.db.inspect(args.at(2), true)
  if (entry === undefined) fail('noSuchKey')
  const { address, encoding, clock, idleSeconds } = entry
  const memory = ctx.db.memoryUsage(args.at(2))
  reply.status(
    `Value at:0x${address.toString(16)} refcount:1 encoding:${encoding} memory:${memory} lru:${clock} lru_seconds_idle:${idleSeconds}`,
  )
}

function runDigest(ctx: Context, _args: Args, reply: ReplySink): void {
  const databases = Array.from({ length: ctx.config.databases }, (_, i) => ctx.database(i))
  reply.status(datasetDigest(databases))
}

function runDigestValue(ctx: Context, args: Args, reply: ReplySink): void {
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) {
    const digest = new Digest()
    addValue(digest, ctx.db, args.at(i))
    reply.status(digest.hex())
  }
}

function runHtstats(ctx: Context, args: Args, reply: ReplySink): void {
  const index = integerArg(args.at(2))
  if (index < 0 || index >= ctx.config.databases) failWith('ERR Out of range database')
  const db = ctx.database(index)
  reply.verbatim(
    'txt',
    `[Dictionary HT]\n number of elements: ${db.size}\n` +
      `[Expires HT]\n number of elements: ${db.expires}\n`,
  )
}

function runSleep(ctx: Context, args: Args, reply: ReplySink): void {
  const seconds = parseDouble(args.at(2)) ?? 0
  if (seconds > 0) ctx.server.debug.sleep(seconds * MILLISECONDS)
  reply.ok()
}

/** Keys `prefix:0`, `prefix:1`, ... with values `value:0`, ..., cut or filled with zero bytes to a size if one is given. */
function runPopulate(ctx: Context, args: Args, reply: ReplySink): void {
  const count = positiveCount(args.at(2))
  const prefix = args.count > 3 ? args.at(3).latin1() : 'key'
  const size = args.count > 4 ? positiveCount(args.at(4)) : 0
  for (let i = 0; i < count; i++) {
    const key = Bytes.from(`${prefix}:${i}`, 'latin1')
    if (ctx.db.exists(key)) continue
    const text = `value:${i}`
    const value = size === 0 ? Buffer.from(text) : Buffer.alloc(size)
    value.latin1Write(text, 0)
    ctx.db.writeString(key, new Bytes(value))
    ctx.db.changed(key, 'set')
  }
  reply.ok()
}

/** From which size elements of lists have nodes of their own, for tests; 0: as the directive says. */
function runPackedThreshold(_ctx: Context, args: Args, reply: ReplySink): void {
  const threshold = readMemory(args.at(2).latin1())
  if (threshold === undefined || threshold > PACKED_THRESHOLD_MAX) {
    failWith('ERR argument must be a memory value bigger than 1 and smaller than 4gb')
  }
  setPackedThreshold(Number(threshold))
  reply.ok()
}

function runReplyBuffer(ctx: Context, args: Args, reply: ReplySink): void {
  if (!args.at(2).is('RESIZING')) failSubcommand(args)
  ctx.server.debug.keepsBuffers = !isOn(args.at(3))
  reply.ok()
}

interface Subcommand {
  /** Number of arguments with the command's own two words. */
  readonly min: number
  readonly max: number
  readonly run: Handler
}

/** Sets a switch as the argument says. */
function toggle(name: 'activeExpire' | 'cronPaused' | 'denyScriptsDisabled'): Subcommand {
  return {
    min: 3,
    max: 3,
    run(ctx, args, reply) {
      ctx.server.debug[name] = isOn(args.at(2))
      reply.ok()
    },
  }
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  HELP: { min: 2, max: 2, run: (_ctx, _args, reply) => replyHelp(reply, 'DEBUG', HELP) },
  'CLIENT-EVICTION': { min: 2, max: 2, run: runClientEviction },
  DIGEST: { min: 2, max: 2, run: runDigest },
  'DIGEST-VALUE': { min: 2, max: Infinity, run: runDigestValue },
  ERROR: { min: 3, max: 3, run: (_ctx, args, reply) => reply.error(args.at(2).latin1()) },
  HTSTATS: { min: 3, max: 4, run: runHtstats },
  LOG: {
    min: 3,
    max: 3,
    run(ctx, args, reply) {
      ctx.server.log.warning(`DEBUG LOG: ${args.at(2).printed()}`)
      reply.ok()
    },
  },
  OBJECT: { min: 3, max: 4, run: runObject },
  'PAUSE-CRON': toggle('cronPaused'),
  POPULATE: { min: 3, max: 5, run: runPopulate },
  PROTOCOL: { min: 3, max: 3, run: (_ctx, args, reply) => debugProtocol(args.at(2), reply) },
  'QUICKLIST-PACKED-THRESHOLD': { min: 3, max: 3, run: runPackedThreshold },
  REPLYBUFFER: { min: 4, max: 4, run: runReplyBuffer },
  'SET-ACTIVE-EXPIRE': toggle('activeExpire'),
  'SET-DISABLE-DENY-SCRIPTS': toggle('denyScriptsDisabled'),
  SLEEP: { min: 3, max: 3, run: runSleep },
}

function isAllowed(ctx: Context): boolean {
  const setting = ctx.config['enable-debug-command']
  return setting === 'yes' || (setting === 'local' && (ctx.client.transport?.isLocal ?? false))
}

function runDebug(ctx: Context, args: Args, reply: ReplySink): void {
  if (!isAllowed(ctx)) {
    failWith(
      'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from ' +
        'a local connection, otherwise you need to set this option in the configuration file, and then restart ' +
        'the server.',
    )
  }
  const found = SUBCOMMANDS[args.at(1).latin1().toUpperCase()]
  if (found === undefined || args.count < found.min || args.count > found.max) failSubcommand(args)
  found.run(ctx, args, reply)
}

export const debugCommands: readonly CommandSpec[] = [
  {
    name: 'debug',
    summary: 'Looks into the server and changes it for tests.',
    since: '1.0.0',
    complexity: 'Depends on subcommand.',
    group: 'server',
    arity: -2,
    flags: ADMIN | NOSCRIPT | LOADING | STALE,
    acl: [],
    keys: [],
    run: runDebug,
  },
]
