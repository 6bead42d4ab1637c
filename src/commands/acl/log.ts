/**
 * ACL LOG: what was denied lately.
 */
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { failSubcommand } from '../help.ts'
import type { AclLogEntry } from '../services/access-control.ts'

const COUNT_DEFAULT = 10

const FIELDS: readonly (readonly [
  name: string,
  write: (reply: ReplySink, entry: AclLogEntry, now: number) => void,
])[] = [
  ['count', (reply, entry) => reply.integer(entry.count)],
  ['reason', (reply, entry) => reply.text(entry.reason)],
  ['context', (reply, entry) => reply.text(entry.context)],
  ['object', (reply, entry) => reply.text(entry.object)],
  ['username', (reply, entry) => reply.text(entry.user)],
  ['age-seconds', (reply, entry, now) => reply.double((now - entry.updatedAt) / 1000)],
  ['client-info', (reply, entry) => reply.text(entry.client)],
  ['entry-id', (reply, entry) => reply.integer(entry.id)],
  ['timestamp-created', (reply, entry) => reply.integer(entry.createdAt)],
  ['timestamp-last-updated', (reply, entry) => reply.integer(entry.updatedAt)],
]

export function runLog(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) failSubcommand(args)
  const { log } = ctx.server.access
  if (args.count === 3 && args.at(2).is('RESET')) {
    log.reset()
    reply.ok()
    return
  }
  const count = args.count === 3 ? integerArg(args.at(2)) : COUNT_DEFAULT
  const entries = log.newest(Math.max(0, count))
  reply.array(entries.length)
  for (const entry of entries) {
    reply.map(FIELDS.length)
    for (const [name, write] of FIELDS) {
      reply.text(name)
      write(reply, entry, ctx.now)
    }
  }
}
