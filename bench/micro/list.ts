/**
 * Lists: nanoseconds per operation, as far as the type is concerned.
 *
 *     node --import tsx bench/micro/list.ts [ELEMENTS]
 */
import { bench, do_not_optimize, run } from 'mitata'
import { Config } from '../../src/config.ts'
import { Arena } from '../../src/memory/arena.ts'
import { Bytes } from '../../src/memory/bytes.ts'
import { Handles } from '../../src/memory/handles.ts'
import { List } from '../../src/types/list.ts'

const ELEMENTS = Number(process.argv[2] ?? 100_000)
const LIMITS = { ...new Config().values }

const heap = { arena: new Arena(), handles: new Handles() }
const cell = heap.arena.alloc(8)
List.init(heap, cell)
const list = new List(heap, LIMITS, cell)
const start = performance.now()
for (let i = 0; i < ELEMENTS; i++) list.pushRight(Bytes.from(`element:${String(i).padStart(8, '0')}`))
const each = ((performance.now() - start) * 1e6) / ELEMENTS
console.log(`${ELEMENTS} elements (${list.encoding}), ${each.toFixed(0)} ns to make and push one`)
console.log(`${(list.memory() / ELEMENTS).toFixed(1)} bytes each`)

const value = Bytes.from('element:01234567')
const integer = Bytes.from('1234567')
const random = () => Math.floor(Math.random() * ELEMENTS)
const emit = (shown: Bytes) => {
  do_not_optimize(shown.len)
}
const HUNDRED = Math.min(100, ELEMENTS >> 1)

bench('queue: push right, pop left', () => {
  list.pushRight(value)
  do_not_optimize(list.popLeft())
})
bench('queue the other way', () => {
  list.pushLeft(value)
  do_not_optimize(list.popRight())
})
bench('stack', () => {
  list.pushLeft(value)
  do_not_optimize(list.popLeft())
})
bench('stack of integers', () => {
  list.pushRight(integer)
  do_not_optimize(list.popRight())
})
bench('get at random', () => do_not_optimize(list.get(random())))
bench('get near the head', () => do_not_optimize(list.get(5)))
bench('walk 100 from the middle', () => list.forEach(ELEMENTS >> 1, HUNDRED, false, emit))
bench('set at random', () => list.set(random(), value))
bench('insert and delete at random', () => {
  const at = random()
  list.insert(at, value)
  list.deleteRange(at, 1)
})

await run()
