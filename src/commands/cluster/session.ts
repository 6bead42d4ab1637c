/**
 * How a client deals with the nodes of a cluster: READONLY, READWRITE, ASKING.
 */
import { failWith } from '../../errors.ts'
import { FAST, LOADING, STALE } from '../flags.ts'
import type { CommandSpec, Handler } from '../spec.ts'
import { DISABLED } from './support.ts'

/** To a script's own connection, which is gone with it, none of it matters. */
function setMode(readOnly: boolean): Handler {
  return (ctx, _args, reply) => {
    if (!ctx.inScript) ctx.client.readOnly = readOnly
    reply.ok()
  }
}

const SPEC = {
  since: '3.0.0',
  complexity: 'O(1)',
  group: 'cluster',
  arity: 1,
  acl: ['connection'],
  keys: [],
} as const

export const clusterSessionCommands: readonly CommandSpec[] = [
  {
    ...SPEC,
    name: 'readonly',
    summary: 'Lets the connection read from a replica.',
    flags: FAST | LOADING | STALE,
    run: setMode(true),
  },
  {
    ...SPEC,
    name: 'readwrite',
    summary: 'Takes READONLY back.',
    flags: FAST | LOADING | STALE,
    run: setMode(false),
  },
  {
    ...SPEC,
    name: 'asking',
    summary: 'Announces a request that another node has sent here.',
    flags: FAST,
    run(ctx, _args, reply) {
      if (ctx.server.cluster === null) failWith(DISABLED)
      if (!ctx.inScript) ctx.client.asking = true
      reply.ok()
    },
  },
]
