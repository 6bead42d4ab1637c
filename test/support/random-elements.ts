/**
 * What the commands that answer random elements have to hold to, whatever they answer.
 */
import assert from 'node:assert/strict'
import type { Reply } from './resp-client.ts'

/** The reply is `count` different elements of `all`. */
export function assertDistinctFrom(reply: Reply, count: number, all: ReadonlySet<string>): string[] {
  const elements = assertFrom(reply, count, all)
  assert.equal(new Set(elements).size, count, 'elements are different')
  return elements
}

/** The reply is `count` elements of `all`. */
export function assertFrom(reply: Reply, count: number, all: ReadonlySet<string>): string[] {
  assert.ok(Array.isArray(reply), 'an array')
  assert.equal(reply.length, count)
  for (const element of reply) assert.ok(all.has(element as string), `${element} is one of them`)
  return reply as string[]
}

/** In `rounds` answers of `pick`, every element of `all` came up: with fair choices all but certain. */
export async function assertReachesAll(
  all: ReadonlySet<string>,
  rounds: number,
  pick: () => Promise<readonly string[]>,
): Promise<void> {
  const seen = new Set<string>()
  for (let i = 0; i < rounds && seen.size < all.size; i++)
    for (const element of await pick()) seen.add(element)
  assert.equal(seen.size, all.size, 'every element comes up')
}

export function names(count: number, prefix = 'm'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`)
}

/** Follows a scan's cursor from 0 to the end; the elements of all replies. */
export async function scanAll(call: (cursor: string) => Promise<Reply>): Promise<string[]> {
  const elements: string[] = []
  let cursor = '0'
  do {
    const [next, part] = (await call(cursor)) as [string, string[]]
    elements.push(...part)
    cursor = next
  } while (cursor !== '0')
  return elements
}
