/**
 * ACL: the list of its subcommands, and those that are not about a user: CAT, GENPASS, LOAD, SAVE.
 */
import { randomBytes } from 'node:crypto'
import { ECHOED_BYTES, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { ACL_CATEGORIES } from '../acl-categories.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { ADMIN, LOADING, NOSCRIPT, STALE } from '../flags.ts'
import { failSubcommand, helpSubcommand } from '../help.ts'
import type { CommandSpec } from '../spec.ts'
import { ACL_HELP } from './help-text.ts'
import { runLog } from './log.ts'
import { runDeluser, runDryrun, runGetuser, runList, runSetuser, runUsers, runWhoami } from './users.ts'

const GENPASS_BITS_DEFAULT = 256
const GENPASS_BITS_MAX = 4096

function runCat(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) failSubcommand(args)
  if (args.count === 2) {
    reply.array(ACL_CATEGORIES.length)
    for (const category of ACL_CATEGORIES) reply.text(category)
    return
  }
  const name = args.at(2)
  const category = ACL_CATEGORIES.find((known) => name.is(known.toUpperCase()))
  if (category === undefined) failWith(`ERR Unknown category '${name.printed(ECHOED_BYTES)}'`)
  const members = ctx.server.commands.all.filter((command) => command.categories.includes(category))
  reply.array(members.length)
  for (const command of members) reply.text(command.name)
}

function runGenpass(_ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) failSubcommand(args)
  const bits = args.count === 3 ? integerArg(args.at(2)) : GENPASS_BITS_DEFAULT
  if (bits <= 0 || bits > GENPASS_BITS_MAX) {
    failWith(
      'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to ' +
        GENPASS_BITS_MAX,
    )
  }
  const characters = Math.ceil(bits / 4)
  reply.text(
    randomBytes(Math.ceil(characters / 2))
      .toString('hex')
      .slice(0, characters),
  )
}

function mustHaveFile(ctx: Context): void {
  if (ctx.config.aclfile !== '') return
  failWith(
    'ERR This instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER ' +
      'command and then issue a CONFIG REWRITE (assuming you have a configuration file set) in order to store users ' +
      'in the configuration.',
  )
}

function runLoad(ctx: Context, _args: Args, reply: ReplySink): void {
  mustHaveFile(ctx)
  const errors = ctx.server.access.load()
  if (errors !== undefined) failWith(`ERR ${errors}`)
  reply.ok()
}

function runSave(ctx: Context, _args: Args, reply: ReplySink): void {
  mustHaveFile(ctx)
  if (!ctx.server.access.save()) {
    failWith(
      'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
    )
  }
  reply.ok()
}

const OPEN = NOSCRIPT | LOADING | STALE
const USERS_COMPLEXITY = 'O(N). Where N is the number of configured users.'
const TO_ALL_NODES = ['request_policy:all_nodes', 'response_policy:all_succeeded']

function subcommand(
  spec: Pick<CommandSpec, 'name' | 'summary' | 'complexity' | 'arity' | 'flags' | 'tips'> &
    Required<Pick<CommandSpec, 'run'>>,
  since = '6.0.0',
): CommandSpec {
  return { since, group: 'server', acl: [], keys: [], ...spec }
}

const subcommands: readonly CommandSpec[] = [
  subcommand({
    name: 'cat',
    summary: 'Lists the categories of commands, or the commands of one.',
    complexity: 'O(1) since the categories and commands are a fixed set.',
    arity: -2,
    flags: OPEN,
    run: runCat,
  }),
  subcommand({
    name: 'deluser',
    summary: 'Removes users and ends their connections.',
    complexity: 'O(1) amortized time considering the typical user.',
    arity: -3,
    flags: OPEN | ADMIN,
    tips: TO_ALL_NODES,
    run: runDeluser,
  }),
  subcommand(
    {
      name: 'dryrun',
      summary: 'Answers whether a user may run a command, without running it.',
      complexity: 'O(1).',
      arity: -4,
      flags: OPEN | ADMIN,
      run: runDryrun,
    },
    '7.0.0',
  ),
  subcommand({
    name: 'genpass',
    summary: 'Makes up a password.',
    complexity: 'O(1)',
    arity: -2,
    flags: OPEN,
    run: runGenpass,
  }),
  subcommand({
    name: 'getuser',
    summary: 'Answers what a user may do.',
    complexity: 'O(N). Where N is the number of password, command and pattern rules that the user has.',
    arity: 3,
    flags: OPEN | ADMIN,
    run: runGetuser,
  }),
  helpSubcommand('ACL', ACL_HELP, { group: 'server', since: '6.0.0' }),
  subcommand({
    name: 'list',
    summary: 'Lists the users with their rules.',
    complexity: USERS_COMPLEXITY,
    arity: 2,
    flags: OPEN | ADMIN,
    run: runList,
  }),
  subcommand({
    name: 'load',
    summary: 'Replaces the users by those of the ACL file.',
    complexity: USERS_COMPLEXITY,
    arity: 2,
    flags: OPEN | ADMIN,
    run: runLoad,
  }),
  subcommand({
    name: 'log',
    summary: 'Lists what was denied lately.',
    complexity: 'O(N) with N being the number of entries shown.',
    arity: -2,
    flags: OPEN | ADMIN,
    run: runLog,
  }),
  subcommand({
    name: 'save',
    summary: 'Writes the users to the ACL file.',
    complexity: USERS_COMPLEXITY,
    arity: 2,
    flags: OPEN | ADMIN,
    tips: TO_ALL_NODES,
    run: runSave,
  }),
  subcommand({
    name: 'setuser',
    summary: 'Makes a user or changes what it may do.',
    complexity: 'O(N). Where N is the number of rules provided.',
    arity: -3,
    flags: OPEN | ADMIN,
    tips: TO_ALL_NODES,
    run: runSetuser,
  }),
  subcommand({
    name: 'users',
    summary: 'Lists the names of the users.',
    complexity: USERS_COMPLEXITY,
    arity: 2,
    flags: OPEN | ADMIN,
    run: runUsers,
  }),
  subcommand({
    name: 'whoami',
    summary: "Answers the connection's user.",
    complexity: 'O(1)',
    arity: 2,
    flags: OPEN,
    run: runWhoami,
  }),
]

export const aclCommands: readonly CommandSpec[] = [
  {
    name: 'acl',
    summary: 'Users and what they may do.',
    since: '6.0.0',
    complexity: 'Depends on subcommand.',
    group: 'server',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands,
  },
]
