/**
 * ACL: what there is to say while the only user is `default`, who may do everything.
 */
import { createHash, randomBytes } from 'node:crypto'
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerArg } from '../arguments.ts'
import { DEFAULT_USER, needsNoPassword } from '../connection/authentication.ts'
import type { Context } from '../context.ts'
import { failSubcommand, replyHelp } from '../help.ts'
import { ACL_CATEGORIES, ADMIN, type CommandSpec, LOADING, NOSCRIPT, STALE } from '../spec.ts'

const GENPASS_BITS_DEFAULT = 256
const GENPASS_BITS_MAX = 4096

const HELP = [
  'CAT [<category>]',
  '    List all commands that belong to <category>, or all command categories',
  '    when no category is specified.',
  'GETUSER <username>',
  "    Get the user's details.",
  'GENPASS [<bits>]',
  '    Generate a secure 256-bit user password. The optional `bits` argument can',
  '    be used to specify a different size.',
  'LIST',
  '    Show users details in config file format.',
  'USERS',
  '    List all the registered usernames.',
  'WHOAMI',
  '    Return the current connection username.',
]

/** Passwords are shown by their SHA-256. */
function passwordHashes(ctx: Context): string[] {
  if (needsNoPassword(ctx)) return []
  return [createHash('sha256').update(ctx.config.requirepass, 'latin1').digest('hex')]
}

function runCat(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) failSubcommand(args)
  if (args.count === 2) {
    reply.array(ACL_CATEGORIES.length)
    for (const category of ACL_CATEGORIES) reply.text(category)
    return
  }
  const category = ACL_CATEGORIES.find((name) => args.at(2).is(name.toUpperCase()))
  if (category === undefined) failWith(`ERR Unknown category '${args.at(2).utf8()}'`)
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

function replyTexts(reply: ReplySink, texts: readonly string[]): void {
  for (const text of texts) reply.text(text)
}

function runGetuser(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.at(2).latin1() !== DEFAULT_USER) {
    reply.null()
    return
  }
  const passwords = passwordHashes(ctx)
  const flags = needsNoPassword(ctx) ? ['on', 'nopass', 'sanitize-payload'] : ['on', 'sanitize-payload']
  reply.map(6)
  reply.text('flags')
  reply.set(flags.length)
  replyTexts(reply, flags)
  reply.text('passwords')
  reply.array(passwords.length)
  replyTexts(reply, passwords)
  replyTexts(reply, ['commands', '+@all', 'keys', '~*', 'channels', '&*', 'selectors'])
  reply.array(0)
}

function runList(ctx: Context, _args: Args, reply: ReplySink): void {
  const hashes = passwordHashes(ctx).map((hash) => ` #${hash}`)
  const nopass = needsNoPassword(ctx) ? ' nopass' : ''
  reply.array(1)
  reply.text(`user ${DEFAULT_USER} on${nopass} sanitize-payload${hashes.join('')} ~* &* +@all`)
}

function runUsers(_ctx: Context, _args: Args, reply: ReplySink): void {
  reply.array(1)
  reply.text(DEFAULT_USER)
}

const OPEN = NOSCRIPT | LOADING | STALE
const USERS_COMPLEXITY = 'O(N). Where N is the number of configured users.'

function subcommand(
  spec: Pick<CommandSpec, 'name' | 'summary' | 'complexity' | 'arity' | 'flags'> &
    Required<Pick<CommandSpec, 'run'>>,
): CommandSpec {
  return { since: '6.0.0', group: 'server', acl: [], keys: [], ...spec }
}

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
    subcommands: [
      subcommand({
        name: 'cat',
        summary: 'Lists the categories of commands, or the commands of one.',
        complexity: 'O(1) since the categories and commands are a fixed set.',
        arity: -2,
        flags: OPEN,
        run: runCat,
      }),
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
      subcommand({
        name: 'help',
        summary: 'Describes the subcommands.',
        complexity: 'O(1)',
        arity: 2,
        flags: LOADING | STALE,
        run: (_ctx, _args, reply) => replyHelp(reply, 'ACL', HELP),
      }),
      subcommand({
        name: 'list',
        summary: 'Lists the users with their rules.',
        complexity: USERS_COMPLEXITY,
        arity: 2,
        flags: OPEN | ADMIN,
        run: runList,
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
        run: (ctx, _args, reply) => reply.text(ctx.client.user),
      }),
    ],
  },
]
