/**
 * Sorted sets: nanoseconds per operation on random members, as far as the type is concerned.
 *
 *     node --import tsx bench/micro/sorted-set.ts [MEMBERS]
 */
import { bench, do_not_optimize, run } from 'mitata'
import { Config } from '../../src/config.ts'
import { Arena } from '../../src/memory/arena.ts'
import { Bytes } from '../../src/memory/bytes.ts'
import { Handles } from '../../src/memory/handles.ts'
import { SortedSet } from '../../src/types/sorted-set.ts'

const MEMBERS = Number(process.argv[2] ?? 100_000)
const MEMBER_BYTES = 16
const SCORES = 1_000_000
const LIMITS = { ...new Config().values }

const names = Buffer.alloc(MEMBER_BYTES * MEMBERS)
for (let i = 0; i < MEMBERS; i++) {
  names.latin1Write(`member:${String(i).padStart(9, '0')}`, MEMBER_BYTES * i)
}
const member = new Bytes()
const random = () => member.set(names, MEMBER_BYTES * Math.floor(Math.random() * MEMBERS), MEMBER_BYTES)
const score = () => Math.floor(Math.random() * SCORES)

const heap = { arena: new Arena(), handles: new Handles() }
const cell = heap.arena.alloc(8)
SortedSet.init(heap, LIMITS, cell)
const set = new SortedSet(heap, LIMITS, cell)
const start = performance.now()
for (let i = 0; i < MEMBERS; i++) set.set(member.set(names, MEMBER_BYTES * i, MEMBER_BYTES), score())
const each = ((performance.now() - start) * 1e6) / MEMBERS
console.log(`${MEMBERS} members (${set.encoding}), ${each.toFixed(0)} ns to add one`)
console.log(`${(set.memory() / MEMBERS).toFixed(1)} bytes each`)

const emit = (shown: Bytes, of: number) => do_not_optimize(shown.len + of)
const TEN = Math.min(10, MEMBERS)

bench('score', () => do_not_optimize(set.score(random())))
bench('rank', () => do_not_optimize(set.rank(random())))
bench('change a score', () => do_not_optimize(set.set(random(), score())))
bench('add 1 to a score', () => do_not_optimize(set.set(random(), set.score(member)! + 1)))
bench('delete and add', () => {
  set.delete(random())
  do_not_optimize(set.set(member, score()))
})
bench('10 by score', () => set.range(set.countBelow(score(), false), TEN, false, emit))
bench('10 by rank, reverse', () => set.range(Math.floor(Math.random() * (MEMBERS - TEN)), TEN, true, emit))
bench('delete the lowest, add it', () => {
  let popped = 0
  set.deleteRange(0, 1, (shown, of) => {
    popped = of
    shown.buf.copy(lowest.buf, 0, shown.off, shown.off + shown.len)
  })
  do_not_optimize(set.set(lowest, popped))
})
const lowest = new Bytes(Buffer.alloc(MEMBER_BYTES))

await run()
