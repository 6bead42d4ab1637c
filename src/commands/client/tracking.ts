/**
 * The subcommands of CLIENT about client side caching, which does not exist here: no connection is ever tracked, and
 * asking for it is refused.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { LOADING, NOSCRIPT, STALE } from '../flags.ts'
import type { CommandSpec } from '../spec.ts'

/** What GETREDIR and TRACKINGINFO answer for a connection that is not tracked. */
const NOT_REDIRECTED = -1

function runTracking(_ctx: Context, args: Args, reply: ReplySink): void {
  const mode = args.at(2)
  if (mode.is('ON')) failWith('ERR CLIENT TRACKING is not supported by this server')
  if (!mode.is('OFF') || args.count > 3) fail('syntax')
  reply.ok()
}

function runTrackingInfo(_ctx: Context, _args: Args, reply: ReplySink): void {
  reply.map(3)
  reply.text('flags')
  reply.set(1)
  reply.text('off')
  reply.text('redirect')
  reply.integer(NOT_REDIRECTED)
  reply.text('prefixes')
  reply.array(0)
}

const FLAGS = NOSCRIPT | LOADING | STALE

export const clientTrackingSubcommands: readonly CommandSpec[] = [
  {
    name: 'caching',
    summary: 'Says whether the keys of the next command are tracked.',
    since: '6.0.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: 3,
    flags: FLAGS,
    acl: ['connection'],
    keys: [],
    run: () =>
      failWith(
        'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT ' +
          'mode enabled',
      ),
  },
  {
    name: 'getredir',
    summary: 'Answers which connection gets the invalidation messages.',
    since: '6.0.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: 2,
    flags: FLAGS,
    acl: ['connection'],
    keys: [],
    run: (_ctx, _args, reply) => reply.integer(NOT_REDIRECTED),
  },
  {
    name: 'tracking',
    summary: 'Would switch the tracking of keys on or off.',
    since: '6.0.0',
    complexity: 'O(1). Some options may introduce additional complexity.',
    group: 'connection',
    arity: -3,
    flags: FLAGS,
    acl: ['connection'],
    keys: [],
    run: runTracking,
  },
  {
    name: 'trackinginfo',
    summary: 'Answers what is tracked for the connection.',
    since: '6.2.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: 2,
    flags: FLAGS,
    acl: ['connection'],
    keys: [],
    run: runTrackingInfo,
  },
]
