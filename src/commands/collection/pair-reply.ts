/**
 * Replies of elements that may come with something of theirs (value, score): RESP3 nests each pair, RESP2 writes both in a
 * row.
 */
import type { ReplySink } from '../../protocol/reply-sink.ts'

export function openPairs(reply: ReplySink, count: number, paired: boolean): void {
  reply.array(paired && reply.protocol === 2 ? count * 2 : count)
}

/** Starts one element. */
export function openPair(reply: ReplySink, paired: boolean): void {
  if (paired && reply.protocol > 2) reply.array(2)
}
