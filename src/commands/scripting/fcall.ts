/**
 * FCALL and FCALL_RO: functions of libraries that FUNCTION LOAD brought.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'
import { READONLY } from '../flags.ts'
import type { CommandSpec } from '../spec.ts'
import { CALL_FLAGS, feedMonitor, READ_FLAGS, RO_KEYS, RW_KEYS, readCall } from './call.ts'

function run(ctx: Context, args: Args, reply: ReplySink, readOnly: boolean): void {
  const { functions } = ctx.server
  feedMonitor(ctx, args)
  const found = functions.find(args.at(1)) ?? failWith('ERR Function not found')
  functions.call(found, readCall(args, readOnly, 'ERR Bad number of keys provided'), reply)
}

export const fcallCommands: readonly CommandSpec[] = [
  {
    name: 'fcall',
    summary: 'Calls a function.',
    since: '7.0.0',
    complexity: 'Depends on the function that is executed.',
    group: 'scripting',
    arity: -3,
    flags: CALL_FLAGS,
    acl: ['scripting'],
    keys: [RW_KEYS],
    flagsOf: ({ functions }, args, own) => functions.flagsOf(args.at(1), own),
    run: (ctx, args, reply) => run(ctx, args, reply, false),
  },
  {
    name: 'fcall_ro',
    summary: 'Calls a function that may not write.',
    since: '7.0.0',
    complexity: 'Depends on the function that is executed.',
    group: 'scripting',
    arity: -3,
    flags: READ_FLAGS | READONLY,
    acl: ['scripting'],
    keys: [RO_KEYS],
    flagsOf: ({ functions }, args, own) => functions.flagsOf(args.at(1), own),
    run: (ctx, args, reply) => run(ctx, args, reply, true),
  },
]
