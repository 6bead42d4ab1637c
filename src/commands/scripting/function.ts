/**
 * FUNCTION as far as it is true of a server without function libraries: there is nothing to flush and nothing to list.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { replyHelp } from '../help.ts'
import { type CommandSpec, LOADING, NOSCRIPT, STALE, WRITE } from '../spec.ts'

const HELP = [
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
  '    Return general information on all the libraries:',
  '    * Library name',
  '    * The engine used to run the Library',
  '    * Functions list',
  '    * Library code (if WITHCODE is given)',
  '    It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
  'FLUSH [ASYNC|SYNC]',
  '    Delete all the libraries.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the libraries.',
  '    * SYNC: Synchronously flush the libraries.',
]

function checkListOptions(args: Args): void {
  let named = false
  let withCode = false
  for (let i = 2; i < args.count; i++) {
    const word = args.at(i)
    if (!withCode && word.is('WITHCODE')) withCode = true
    else if (!named && word.is('LIBRARYNAME')) {
      named = true
      if (++i === args.count) failWith('ERR library name argument was not given')
    } else failWith(`ERR Unknown argument ${word.utf8()}`)
  }
}

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
    subcommands: [
      {
        name: 'flush',
        summary: 'Deletes all libraries.',
        since: '7.0.0',
        complexity: 'O(N) where N is the number of functions deleted',
        group: 'scripting',
        arity: -2,
        flags: WRITE | NOSCRIPT,
        acl: ['scripting'],
        tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
        keys: [],
        run(_ctx, args, reply) {
          const known =
            args.count === 2 || (args.count === 3 && (args.at(2).is('SYNC') || args.at(2).is('ASYNC')))
          if (!known) failWith('ERR FUNCTION FLUSH only supports SYNC|ASYNC option')
          reply.ok()
        },
      },
      {
        name: 'help',
        summary: 'Describes the subcommands.',
        since: '7.0.0',
        complexity: 'O(1)',
        group: 'scripting',
        arity: 2,
        flags: LOADING | STALE,
        acl: ['scripting'],
        keys: [],
        run(_ctx, _args, reply) {
          replyHelp(reply, 'FUNCTION', HELP)
        },
      },
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
        run(_ctx, args, reply) {
          checkListOptions(args)
          reply.array(0)
        },
      },
    ],
  },
]
