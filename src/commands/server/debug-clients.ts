/**
 * DEBUG CLIENT-EVICTION: the buckets that clients are sorted into by the memory they take.
 */
import { failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import type { Context } from '../context.ts'

const COLUMN = 10

function column(n: number): string {
  return String(n).padStart(COLUMN)
}

export function runClientEviction(ctx: Context, _args: Args, reply: ReplySink): void {
  const buckets = ctx.server.clients.memory.describeBuckets()
  if (buckets === undefined) failWith('ERR maxmemory-clients is disabled.')
  const lines = buckets.map(({ from, below, bytes, clients }) => {
    const range =
      below === Infinity ? `${column(from)}+            : ` : `${column(from)} - ${column(below - 1)}: `
    return `bucket ${range}tot-mem: ${column(bytes)}, clients: ${clients}\n`
  })
  reply.verbatim('txt', lines.join(''))
}
