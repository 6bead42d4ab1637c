/**
 * The subcommands of ACL about users: SETUSER, DELUSER, GETUSER, LIST, USERS, WHOAMI, DRYRUN.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { failArity, innerRequest } from '../arguments.ts'
import type { Context } from '../context.ts'
import { redact } from '../redact.ts'
import type { SelectorDescription } from '../services/access-control.ts'

const DEFAULT_USER = 'default'

const SPACE = /[ \t\n\v\f\r\0]/

/** The arguments behind the subcommand's name, which then nobody else gets to see. */
function takeArguments(args: Args): string[] {
  const taken: string[] = []
  for (let i = 2; i < args.count; i++) {
    taken.push(args.at(i).latin1())
    redact(args.at(i))
  }
  return taken
}

function replyList(reply: ReplySink, texts: readonly string[]): void {
  reply.array(texts.length)
  for (const text of texts) reply.text(text)
}

export function runSetuser(ctx: Context, args: Args, reply: ReplySink): void {
  const [name, ...rules] = takeArguments(args)
  if (SPACE.test(name!)) failWith("ERR Usernames can't contain spaces or null characters")
  const error = ctx.server.access.setUser(name!, rules)
  if (error !== undefined) failWith(`ERR ${error}`)
  reply.ok()
}

export function runDeluser(ctx: Context, args: Args, reply: ReplySink): void {
  const names = takeArguments(args)
  if (names.includes(DEFAULT_USER)) failWith("ERR The 'default' user cannot be removed")
  reply.integer(names.filter((name) => ctx.server.access.deleteUser(name)).length)
}

function replySelector(reply: ReplySink, selector: SelectorDescription): void {
  for (const field of ['commands', 'keys', 'channels'] as const) {
    reply.text(field)
    reply.text(selector[field])
  }
}

export function runGetuser(ctx: Context, args: Args, reply: ReplySink): void {
  const [name] = takeArguments(args)
  const user = ctx.server.access.describeUser(name!)
  if (user === undefined) {
    reply.null()
    return
  }
  const [root, ...selectors] = user.selectors
  reply.map(6)
  reply.text('flags')
  reply.set(user.flags.length)
  for (const flag of user.flags) reply.text(flag)
  reply.text('passwords')
  replyList(reply, user.passwords)
  replySelector(reply, root!)
  reply.text('selectors')
  reply.array(selectors.length)
  for (const selector of selectors) {
    reply.map(3)
    replySelector(reply, selector)
  }
}

export function runList(ctx: Context, _args: Args, reply: ReplySink): void {
  replyList(reply, ctx.server.access.lines())
}

export function runUsers(ctx: Context, _args: Args, reply: ReplySink): void {
  replyList(reply, ctx.server.access.names())
}

export function runWhoami(ctx: Context, _args: Args, reply: ReplySink): void {
  reply.text(ctx.client.user.name)
}

/** A denial is an answer here, not an error. */
export function runDryrun({ server }: Context, args: Args, reply: ReplySink): void {
  const user = args.at(2)
  if (!server.access.has(user.latin1())) failWith(`ERR User '${user.printed()}' not found`)
  const request = innerRequest(args, 3)
  const command = server.commands.resolve(request)
  if (command === undefined) failWith(`ERR Command '${request.at(0).printed()}' not found`)
  if (!command.acceptsCount(request.count)) failArity(command.name)
  const denial = server.access.dryRun(user.latin1(), command, request)
  if (denial === undefined) reply.ok()
  else reply.text(denial)
}
