/**
 * COMMAND: the commands, as clients ask about them.
 */
import { fail, failWith } from '../../errors.ts'
import { matchGlob } from '../../keyspace/glob.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { innerRequest } from '../arguments.ts'
import type { Context } from '../context.ts'
import { LOADING, NO_MANDATORY_KEYS, STALE } from '../flags.ts'
import { helpSubcommand } from '../help.ts'
import type { ListedCommand } from '../services/commands.ts'
import type { CommandSpec } from '../spec.ts'
import { replyCommandInfo, replyFlags } from './command-info.ts'

const HELP = [
  '(no subcommand)',
  '    Return details about all commands.',
  'COUNT',
  '    Return the total number of commands in this server.',
  'LIST',
  '    Return a list of all commands in this server.',
  'INFO [<command-name> ...]',
  '    Return details about multiple commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'GETKEYS <full-command>',
  '    Return the keys from a full command.',
  'GETKEYSANDFLAGS <full-command>',
  '    Return the keys and the access flags from a full command.',
]

function runAll({ server: { commands } }: Context, _args: Args, reply: ReplySink): void {
  reply.array(commands.topLevel.length)
  for (const command of commands.topLevel) replyCommandInfo(reply, command)
}

function runInfo(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count === 2) {
    runAll(ctx, args, reply)
    return
  }
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) {
    const command = ctx.server.commands.lookupFull(args.at(i))
    if (command === undefined) reply.null()
    else replyCommandInfo(reply, command)
  }
}

type Filter = (command: ListedCommand) => boolean

function listFilter(args: Args): Filter {
  if (args.count === 2) return () => true
  if (args.count !== 5 || !args.at(2).is('FILTERBY')) fail('syntax')
  const kind = args.at(3)
  const value = args.at(4)
  if (kind.is('ACLCAT')) {
    const category = value.latin1().toLowerCase()
    return (command) => command.categories.some((name) => name === category)
  }
  if (kind.is('PATTERN')) return (command) => matchGlob(value, Bytes.from(command.name), true)
  if (kind.is('MODULE')) return () => false
  fail('syntax')
}

function runList({ server: { commands } }: Context, args: Args, reply: ReplySink): void {
  const accepts = listFilter(args)
  const found = commands.topLevel
    .flatMap((command) => [command, ...(command.subcommands?.values ?? [])])
    .filter(accepts)
  reply.array(found.length)
  for (const command of found) reply.text(command.name)
}

function runGetkeys(withFlags: boolean) {
  return ({ server: { commands } }: Context, args: Args, reply: ReplySink): void => {
    const request = innerRequest(args, 2)
    const command = commands.resolve(request)
    if (command === undefined) failWith('ERR Invalid command specified')
    if (!command.hasKeys) failWith('ERR The command has no key arguments')
    if (!command.acceptsCount(request.count)) {
      failWith('ERR Invalid number of arguments specified for command')
    }
    const keys = command.keys(request)
    if (keys.length === 0 && (command.flags & NO_MANDATORY_KEYS) === 0) {
      failWith('ERR Invalid arguments specified for command')
    }
    reply.array(keys.length)
    for (const { position, flags } of keys) {
      if (withFlags) reply.array(2)
      reply.bulk(request.at(position))
      if (withFlags) replyFlags(reply, flags)
    }
  }
}

const FLAGS = LOADING | STALE
const LOOK_UP = 'O(N) where N is the number of commands to look up'
const PARSE = 'O(N) where N is the number of arguments to the command'
const UNORDERED = ['nondeterministic_output_order']

function subcommand(
  spec: Pick<CommandSpec, 'name' | 'summary' | 'since' | 'complexity' | 'arity'> &
    Partial<CommandSpec> &
    Required<Pick<CommandSpec, 'run'>>,
): CommandSpec {
  return { group: 'server', flags: FLAGS, acl: ['connection'], keys: [], ...spec }
}

export const commandCommands: readonly CommandSpec[] = [
  {
    name: 'command',
    summary: 'Describes all commands.',
    since: '2.8.13',
    complexity: 'O(N) where N is the total number of commands',
    group: 'server',
    arity: -1,
    flags: FLAGS,
    acl: ['connection'],
    tips: UNORDERED,
    keys: [],
    run: runAll,
    subcommands: [
      subcommand({
        name: 'count',
        summary: 'Counts the commands.',
        since: '2.8.13',
        complexity: 'O(1)',
        arity: 2,
        run: (ctx, _args, reply) => reply.integer(ctx.server.commands.topLevel.length),
      }),
      subcommand({
        name: 'getkeys',
        summary: 'Answers the keys of a request.',
        since: '2.8.13',
        complexity: PARSE,
        arity: -3,
        run: runGetkeys(false),
      }),
      subcommand({
        name: 'getkeysandflags',
        summary: 'Answers the keys of a request and how they are used.',
        since: '7.0.0',
        complexity: PARSE,
        arity: -3,
        run: runGetkeys(true),
      }),
      helpSubcommand('COMMAND', HELP, { group: 'server', since: '5.0.0', acl: ['connection'] }),
      subcommand({
        name: 'info',
        summary: 'Describes some or all commands.',
        since: '2.8.13',
        complexity: LOOK_UP,
        arity: -2,
        tips: UNORDERED,
        run: runInfo,
      }),
      subcommand({
        name: 'list',
        summary: 'Lists the names of the commands.',
        since: '7.0.0',
        complexity: 'O(N) where N is the total number of commands',
        arity: -2,
        tips: UNORDERED,
        run: runList,
      }),
    ],
  },
]
