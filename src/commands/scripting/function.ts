/**
 * FUNCTION: the libraries of functions that FCALL calls.
 */
import { failWith } from '../../errors.ts'
import { matchGlob } from '../../keyspace/glob.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { dumpLibraries, readLibraries } from '../../serialization/functions.ts'
import { isIntact } from '../../serialization/sealed.ts'
import type { Context } from '../context.ts'
import { ALLOW_BUSY, DENYOOM, NOSCRIPT, WRITE } from '../flags.ts'
import { failSubcommand, helpSubcommand } from '../help.ts'
import type { FunctionInfo, LibraryInfo, RestorePolicy, RunningFunction } from '../services/functions.ts'
import type { CommandSpec } from '../spec.ts'
import { killSubcommand } from './kill.ts'

/** As FUNCTION LIST and STATS name it. */
const ENGINE = 'LUA'

const HELP = [
  'LOAD [REPLACE] <FUNCTION CODE>',
  '    Create a new library with the given library name and code.',
  'DELETE <LIBRARY NAME>',
  '    Delete the given library.',
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
  '    Return general information on all the libraries:',
  '    * Library name',
  '    * The engine used to run the Library',
  '    * Functions list',
  '    * Library code (if WITHCODE is given)',
  '    It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
  'STATS',
  '    Return information about the current function running:',
  '    * Function name',
  '    * Command used to run the function',
  '    * Duration in MS that the function is running',
  '    If no function is running, return nil',
  '    In addition, returns a list of available engines.',
  'KILL',
  '    Kill the current running function.',
  'FLUSH [ASYNC|SYNC]',
  '    Delete all the libraries.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the libraries.',
  '    * SYNC: Synchronously flush the libraries.',
  'DUMP',
  '    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command',
  'RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]',
  '    Restore the libraries represented by the given payload, it is possible to give a restore policy to',
  '    control how to handle existing libraries (default APPEND):',
  '    * FLUSH: delete all existing libraries.',
  '    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.',
  '    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old',
  '      libraries with the new libraries (notice that even on this option there is a chance of failure',
  '      in case of functions name collision with another library).',
]

function runLoad(ctx: Context, args: Args, reply: ReplySink): void {
  let replace = false
  for (let i = 2; i < args.count - 1; i++) {
    if (!args.at(i).is('REPLACE')) failWith(`ERR Unknown option given: ${args.at(i).printed()}`)
    replace = true
  }
  reply.text(ctx.server.functions.load(args.at(args.count - 1), replace))
}

function runDelete(ctx: Context, args: Args, reply: ReplySink): void {
  if (!ctx.server.functions.delete(args.at(2))) failWith('ERR Library not found')
  reply.ok()
}

function runFlush(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) failSubcommand(args)
  // Both ways are the same here: the old interpreter is dropped at once and the collector frees it.
  if (args.count === 3 && !args.at(2).is('SYNC') && !args.at(2).is('ASYNC')) {
    failWith('ERR FUNCTION FLUSH only supports SYNC|ASYNC option')
  }
  ctx.server.functions.flush()
  reply.ok()
}

interface ListOptions {
  pattern?: Bytes
  withCode: boolean
}

function listOptions(args: Args): ListOptions {
  const options: ListOptions = { withCode: false }
  for (let i = 2; i < args.count; i++) {
    const word = args.at(i)
    if (!options.withCode && word.is('WITHCODE')) options.withCode = true
    else if (options.pattern === undefined && word.is('LIBRARYNAME')) {
      if (++i === args.count) failWith('ERR library name argument was not given')
      options.pattern = args.at(i)
    } else failWith(`ERR Unknown argument ${word.printed()}`)
  }
  return options
}

function runList(ctx: Context, args: Args, reply: ReplySink): void {
  const { pattern, withCode } = listOptions(args)
  const all = [...ctx.server.functions.libraries()]
  const libraries =
    pattern === undefined ? all : all.filter(({ name }) => matchGlob(pattern, Bytes.from(name), true))
  reply.array(libraries.length)
  for (const library of libraries) replyLibrary(reply, library, withCode)
}

function replyLibrary(reply: ReplySink, { name, code, functions }: LibraryInfo, withCode: boolean): void {
  reply.map(withCode ? 4 : 3)
  reply.text('library_name')
  reply.text(name)
  reply.text('engine')
  reply.text(ENGINE)
  reply.text('functions')
  reply.array(functions.length)
  for (const one of functions) replyFunction(reply, one)
  if (!withCode) return
  reply.text('library_code')
  reply.bulk(code)
}

function replyFunction(reply: ReplySink, { name, description, flags }: FunctionInfo): void {
  reply.map(3)
  reply.text('name')
  reply.text(name)
  reply.text('description')
  if (description === null) reply.null()
  else reply.bulk(description)
  reply.text('flags')
  reply.set(flags.length)
  for (const flag of flags) reply.status(flag)
}

function runStats(ctx: Context, _args: Args, reply: ReplySink): void {
  const { scripts, functions } = ctx.server
  const { running, libraryCount, functionCount } = functions
  if (running === undefined && scripts.busyText !== undefined) failWith(scripts.busyText)
  reply.map(2)
  reply.text('running_script')
  if (running === undefined) reply.null()
  else replyRunning(reply, running)
  reply.text('engines')
  reply.map(1)
  reply.text(ENGINE)
  reply.map(2)
  reply.text('libraries_count')
  reply.integer(libraryCount)
  reply.text('functions_count')
  reply.integer(functionCount)
}

function replyRunning(reply: ReplySink, { name, args, milliseconds }: RunningFunction): void {
  reply.map(3)
  reply.text('name')
  reply.text(name)
  reply.text('command')
  reply.array(args.count)
  for (let i = 0; i < args.count; i++) reply.bulk(args.at(i))
  reply.text('duration_ms')
  reply.integer(Math.floor(milliseconds))
}

function runDump(ctx: Context, _args: Args, reply: ReplySink): void {
  const codes = [...ctx.server.functions.libraries()].map(({ code }) => code)
  reply.bulk(dumpLibraries(codes, ctx.config.rdbcompression))
}

function policyOf(word: Bytes): RestorePolicy {
  if (word.is('APPEND')) return 'append'
  if (word.is('REPLACE')) return 'replace'
  if (word.is('FLUSH')) return 'flush'
  failWith('ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.')
}

function runRestore(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 4) failSubcommand(args)
  const policy = args.count === 4 ? policyOf(args.at(3)) : 'append'
  const payload = args.at(2)
  if (!isIntact(payload, ctx.config['rdb-version-check'] === 'strict')) {
    failWith('ERR DUMP payload version or checksum are wrong')
  }
  ctx.server.functions.restore(readLibraries(payload), policy)
  reply.ok()
}

/** All but the description is the same for the subcommands that change the libraries. */
function change(
  name: string,
  arity: number,
  flags: number,
  run: CommandSpec['run'],
  [summary, complexity]: readonly [string, string],
): CommandSpec {
  return {
    name,
    summary,
    since: '7.0.0',
    complexity,
    group: 'scripting',
    arity,
    flags: WRITE | NOSCRIPT | flags,
    acl: ['scripting'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    keys: [],
    run: run!,
  }
}

const subcommands: readonly CommandSpec[] = [
  change('delete', 3, 0, runDelete, ['Deletes a library and its functions.', 'O(1)']),
  {
    name: 'dump',
    summary: 'Answers all libraries as bytes for FUNCTION RESTORE.',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of functions',
    group: 'scripting',
    arity: 2,
    flags: NOSCRIPT,
    acl: ['scripting'],
    keys: [],
    run: runDump,
  },
  change('flush', -2, 0, runFlush, [
    'Deletes all libraries.',
    'O(N) where N is the number of functions deleted',
  ]),
  helpSubcommand('FUNCTION', HELP, { group: 'scripting', since: '7.0.0', acl: ['scripting'] }),
  killSubcommand('function', '7.0.0'),
  {
    name: 'list',
    summary: 'Lists the libraries.',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of functions',
    group: 'scripting',
    arity: -2,
    flags: NOSCRIPT,
    acl: ['scripting'],
    tips: ['nondeterministic_output_order'],
    keys: [],
    run: runList,
  },
  change('load', -3, DENYOOM, runLoad, [
    'Adds a library.',
    'O(1) (considering compilation time is redundant)',
  ]),
  change('restore', -3, DENYOOM, runRestore, [
    'Adds the libraries that FUNCTION DUMP answered.',
    'O(N) where N is the number of functions on the payload',
  ]),
  {
    name: 'stats',
    summary: 'Tells which function runs, and how many there are.',
    since: '7.0.0',
    complexity: 'O(1)',
    group: 'scripting',
    arity: 2,
    flags: NOSCRIPT | ALLOW_BUSY,
    acl: ['scripting'],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    keys: [],
    run: runStats,
  },
]

export const functionCommands: readonly CommandSpec[] = [
  {
    name: 'function',
    summary: 'Function libraries.',
    since: '7.0.0',
    complexity: 'Depends on subcommand.',
    group: 'scripting',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands,
  },
]
