/**
 * SCRIPT KILL and FUNCTION KILL.
 */
import { failWith } from '../../errors.ts'
import { ALLOW_BUSY, NOSCRIPT } from '../flags.ts'
import type { CommandSpec } from '../spec.ts'

export function killSubcommand(what: 'script' | 'function', since: string): CommandSpec {
  return {
    name: 'kill',
    summary: `Ends the running ${what}, if it has not written.`,
    since,
    complexity: 'O(1)',
    group: 'scripting',
    arity: 2,
    flags: NOSCRIPT | ALLOW_BUSY,
    acl: ['scripting'],
    tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
    keys: [],
    run(ctx, _args, reply) {
      const refusal = ctx.server.scripts.kill(what === 'function')
      if (refusal !== undefined) failWith(refusal)
      reply.ok()
    },
  }
}
