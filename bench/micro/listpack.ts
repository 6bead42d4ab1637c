/**
 * Small collections: nanoseconds per operation on one of 64 hashes (listpacks until there are too many fields).
 *
 *     node --import tsx bench/micro/listpack.ts
 */
import { bench, do_not_optimize, run } from 'mitata'
import { Config } from '../../src/config.ts'
import { Arena } from '../../src/memory/arena.ts'
import { Bytes } from '../../src/memory/bytes.ts'
import { Handles } from '../../src/memory/handles.ts'
import { Hash } from '../../src/types/hash.ts'

const HASHES = 64
const FIELDS = [8, 32, 128, 512, 513]
const LIMITS = { ...new Config().values }
const VALUES = Buffer.from('value-of-some-length-and-more-of-it')
const SHORTEST = 12
const SPREAD = 9

const heap = { arena: new Arena(), handles: new Handles() }
const value = new Bytes()
const below = (n: number) => Math.floor(Math.random() * n)

for (const fields of FIELDS) {
  const names = Array.from({ length: fields }, (_, i) => Bytes.from(`field:${i * 7}`))
  const before = heap.arena.used + heap.arena.outside
  const hashes = Array.from({ length: HASHES }, () => {
    const cell = heap.arena.alloc(8)
    Hash.init(heap, cell)
    const hash = new Hash(heap, LIMITS, cell)
    for (const name of names) hash.set(name, value.set(VALUES, 0, 16))
    return hash
  })
  const bytes = (heap.arena.used + heap.arena.outside - before) / HASHES / fields
  const label = `${fields} fields, ${hashes[0]!.encoding}, ${bytes.toFixed(0)} bytes each:`
  const hash = () => hashes[below(HASHES)]!
  const name = () => names[below(fields)]!

  bench(`${label} get`, () => do_not_optimize(hash().get(name())?.len))
  bench(`${label} set, same length`, () =>
    do_not_optimize(hash().set(name(), value.set(VALUES, below(8), 16))),
  )
  bench(`${label} set, other length`, () =>
    do_not_optimize(hash().set(name(), value.set(VALUES, 0, SHORTEST + below(SPREAD)))),
  )
  bench(`${label} delete and set`, () => {
    const h = hash()
    const n = name()
    h.delete(n)
    do_not_optimize(h.set(n, value.set(VALUES, 0, 16)))
  })
  bench(`${label} all`, () => {
    hash().forEach((f, v) => {
      do_not_optimize(f.len + v.len)
    })
  })
}

await run()
