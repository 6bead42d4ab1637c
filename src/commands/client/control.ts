/**
 * The subcommands of CLIENT that act on other connections: LIST, KILL, PAUSE, UNPAUSE, UNBLOCK.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { ADMIN, LOADING, NOSCRIPT, STALE } from '../flags.ts'
import { timeoutArg } from '../keys/timeout.ts'
import type { CommandSpec } from '../spec.ts'
import { ClientFilter } from './filter.ts'
import { clientLine } from './line.ts'

function runList(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count === 3) fail('syntax')
  const filter = new ClientFilter(false)
  filter.parse(args, 2, ctx)
  let text = ''
  for (const client of ctx.server.clients.all()) {
    if (filter.matches(client, ctx)) {
      const running = client === ctx.client ? args : undefined
      text += `${clientLine(client, ctx.now, running)}\n`
    }
  }
  reply.verbatim('txt', text)
}

/** `KILL address`, the old form, may end the caller's own connection; the new one spares it unless told otherwise. */
function runKill(ctx: Context, args: Args, reply: ReplySink): void {
  const isOldForm = args.count === 3
  const filter = new ClientFilter(!isOldForm)
  if (isOldForm) filter.address = args.at(2).latin1()
  else filter.parse(args, 2, ctx)
  const found = [...ctx.server.clients.all()].filter((client) => filter.matches(client, ctx))
  for (const client of found) {
    if (client === ctx.client) client.closeAfterReply = true
    else ctx.server.clients.kill(client)
  }
  if (!isOldForm) reply.integer(found.length)
  else if (found.length === 0) reply.error('ERR No such client')
  else reply.ok()
}

function runPause(ctx: Context, args: Args, reply: ReplySink): void {
  const mode = args.count > 3 ? args.at(3) : undefined
  const writesOnly = mode?.is('WRITE') ?? false
  if (mode !== undefined && !writesOnly && !mode.is('ALL')) {
    failWith('ERR CLIENT PAUSE mode must be WRITE or ALL')
  }
  const timeout = timeoutArg(args.at(2), ctx.now)
  ctx.server.clients.pause(timeout + ctx.now, writesOnly)
  reply.ok()
}

function runUnblock(ctx: Context, args: Args, reply: ReplySink): void {
  const reason = args.count > 3 ? args.at(3) : undefined
  if (reason !== undefined && !reason.is('TIMEOUT') && !reason.is('ERROR')) {
    failWith('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
  }
  const client = ctx.server.clients.find(integerArg(args.at(2)))
  const wasBlocked =
    client !== undefined && ctx.server.clients.blocked.unblock(client, reason?.is('ERROR') ?? false)
  reply.integer(wasBlocked ? 1 : 0)
}

const FLAGS = ADMIN | NOSCRIPT | LOADING | STALE

export const clientControlSubcommands: readonly CommandSpec[] = [
  {
    name: 'kill',
    summary: 'Ends connections.',
    since: '2.4.0',
    complexity: 'O(N) where N is the number of client connections',
    group: 'connection',
    arity: -3,
    flags: FLAGS,
    acl: ['connection'],
    keys: [],
    run: runKill,
  },
  {
    name: 'list',
    summary: 'Lists the connections.',
    since: '2.4.0',
    complexity: 'O(N) where N is the number of client connections',
    group: 'connection',
    arity: -2,
    flags: FLAGS,
    acl: ['connection'],
    tips: ['nondeterministic_output'],
    keys: [],
    run: runList,
  },
  {
    name: 'pause',
    summary: 'Holds back commands for some time.',
    since: '3.0.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: -3,
    flags: FLAGS,
    acl: ['connection'],
    keys: [],
    run: runPause,
  },
  {
    name: 'unblock',
    summary: 'Ends the waiting of a blocked client.',
    since: '5.0.0',
    complexity: 'O(log N) where N is the number of client connections',
    group: 'connection',
    arity: -3,
    flags: FLAGS,
    acl: ['connection'],
    keys: [],
    run: runUnblock,
  },
  {
    name: 'unpause',
    summary: 'Ends a pause.',
    since: '6.2.0',
    complexity: 'O(N) Where N is the number of paused clients',
    group: 'connection',
    arity: 2,
    flags: FLAGS,
    acl: ['connection'],
    keys: [],
    run(ctx, _args, reply) {
      ctx.server.clients.unpause()
      reply.ok()
    },
  },
]
