/**
 * CLIENT: what a connection says of itself and asks for itself, and the list of all subcommands.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { ADMIN, LOADING, NOSCRIPT, STALE } from '../flags.ts'
import { helpSubcommand } from '../help.ts'
import type { CommandSpec } from '../spec.ts'
import { clientNameArg, isPlainWord } from './attributes.ts'
import { clientControlSubcommands } from './control.ts'
import { CLIENT_HELP } from './help-text.ts'
import { clientLine } from './line.ts'
import { clientTrackingSubcommands } from './tracking.ts'

function onOrOff(word: Bytes): boolean {
  if (!word.is('ON') && !word.is('OFF')) fail('syntax')
  return word.is('ON')
}

function runSetinfo(ctx: Context, args: Args, reply: ReplySink): void {
  const attribute = args.at(2)
  const isName = attribute.is('LIB-NAME')
  if (!isName && !attribute.is('LIB-VER')) failWith(`ERR Unrecognized option '${attribute.printed()}'`)
  if (!isPlainWord(args.at(3))) {
    failWith(`ERR ${attribute.printed()} cannot contain spaces, newlines or special characters.`)
  }
  const value = args.at(3).latin1()
  if (isName) ctx.client.libName = value
  else ctx.client.libVersion = value
  reply.ok()
}

/** Only ON is answered: OFF and SKIP silence their own reply. */
function runReply(ctx: Context, args: Args, reply: ReplySink): void {
  const mode = args.at(2)
  if (mode.is('ON')) {
    ctx.client.replyMode = 'on'
    reply.ok()
  } else if (mode.is('OFF')) ctx.client.replyMode = 'off'
  else if (!mode.is('SKIP')) fail('syntax')
  else if (ctx.client.replyMode !== 'off') ctx.client.replyMode = 'skip-next'
}

/** Unknown capabilities are those of newer clients: no error. */
function runCapa(ctx: Context, args: Args, reply: ReplySink): void {
  for (let i = 2; i < args.count; i++) if (args.at(i).is('REDIRECT')) ctx.client.canRedirect = true
  reply.ok()
}

function runImportSource(_ctx: Context, args: Args, reply: ReplySink): void {
  if (!args.at(2).is('OFF')) failWith('ERR Server is not in import mode')
  reply.ok()
}

const FLAGS = NOSCRIPT | LOADING | STALE

function subcommand(
  spec: Pick<CommandSpec, 'name' | 'summary' | 'since' | 'arity'> &
    Partial<CommandSpec> &
    Required<Pick<CommandSpec, 'run'>>,
): CommandSpec {
  return { complexity: 'O(1)', group: 'connection', flags: FLAGS, acl: ['connection'], keys: [], ...spec }
}

const SET_TIPS = ['request_policy:all_nodes', 'response_policy:all_succeeded']

export const clientCommands: readonly CommandSpec[] = [
  {
    name: 'client',
    summary: 'The connections.',
    since: '2.4.0',
    complexity: 'Depends on subcommand.',
    group: 'connection',
    arity: -2,
    flags: 0,
    acl: [],
    keys: [],
    subcommands: [
      ...clientControlSubcommands,
      ...clientTrackingSubcommands,
      subcommand({
        name: 'capa',
        summary: 'Says what the client is capable of.',
        since: '8.0.0',
        arity: -3,
        run: runCapa,
      }),
      subcommand({
        name: 'getname',
        summary: 'Answers the name of the connection.',
        since: '2.6.9',
        arity: 2,
        run(ctx, _args, reply) {
          if (ctx.client.name === '') reply.null()
          else reply.text(ctx.client.name)
        },
      }),
      helpSubcommand('CLIENT', CLIENT_HELP, { group: 'connection', since: '5.0.0', acl: ['connection'] }),
      subcommand({
        name: 'id',
        summary: 'Answers the number of the connection.',
        since: '5.0.0',
        arity: 2,
        run: (ctx, _args, reply) => reply.integer(ctx.client.id),
      }),
      subcommand({
        name: 'import-source',
        summary: 'Would mark the connection as one that imports data.',
        since: '8.1.0',
        arity: 3,
        run: runImportSource,
      }),
      subcommand({
        name: 'info',
        summary: 'Describes the connection.',
        since: '6.2.0',
        arity: 2,
        tips: ['nondeterministic_output'],
        run: (ctx, args, reply) => reply.verbatim('txt', `${clientLine(ctx.client, ctx.now, args)}\n`),
      }),
      subcommand({
        name: 'no-evict',
        summary: 'Protects the connection from being closed to save memory.',
        since: '7.0.0',
        arity: 3,
        flags: FLAGS | ADMIN,
        run(ctx, args, reply) {
          ctx.client.noEvict = onOrOff(args.at(2))
          ctx.server.clients.memory.measure(ctx.client)
          reply.ok()
        },
      }),
      subcommand({
        name: 'no-touch',
        summary: 'Lets the commands of the connection leave the access clocks of keys alone.',
        since: '7.2.0',
        arity: 3,
        run(ctx, args, reply) {
          ctx.client.noTouch = onOrOff(args.at(2))
          reply.ok()
        },
      }),
      subcommand({
        name: 'reply',
        summary: 'Switches replies off, on, or off for one command.',
        since: '3.2.0',
        arity: 3,
        run: runReply,
      }),
      subcommand({
        name: 'setinfo',
        summary: "Names the client's library and its version.",
        since: '7.2.0',
        arity: 4,
        tips: SET_TIPS,
        run: runSetinfo,
      }),
      subcommand({
        name: 'setname',
        summary: 'Names the connection.',
        since: '2.6.9',
        arity: 3,
        tips: SET_TIPS,
        run(ctx, args, reply) {
          ctx.client.name = clientNameArg(args.at(2))
          reply.ok()
        },
      }),
    ],
  },
]
