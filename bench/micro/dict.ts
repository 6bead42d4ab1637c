/**
 * The index of the keyspace and of large collections: nanoseconds per operation on random keys.
 *
 *     node --import tsx bench/micro/dict.ts [KEYS]
 */
import { bench, do_not_optimize, run, summary } from 'mitata'
import { Arena } from '../../src/memory/arena.ts'
import { Bytes } from '../../src/memory/bytes.ts'
import { Handles } from '../../src/memory/handles.ts'
import { hashOf } from '../../src/memory/hashing.ts'
import { Dict } from '../../src/types/dict.ts'

const KEYS = Number(process.argv[2] ?? 100_000)
const KEY_BYTES = 16
/** Keys whose records are touched before the first of them is used, as with the keys of a pipeline. */
const BATCH = 16

const names = Buffer.alloc(KEY_BYTES * KEYS)
for (let i = 0; i < KEYS; i++) names.latin1Write(`key:${String(i).padStart(12, '0')}`, KEY_BYTES * i)
const key = new Bytes()
const value = Bytes.from('0123456789abcdef')
const view = new Bytes()
const random = () => key.set(names, KEY_BYTES * Math.floor(Math.random() * KEYS), KEY_BYTES)

const arena = new Arena()
const dict = new Dict({ arena, handles: new Handles() })
const map = new Map<string, string>()
for (let i = 0; i < KEYS; i++) {
  key.set(names, KEY_BYTES * i, KEY_BYTES)
  dict.find(key, hashOf(key))
  dict.add(key, hashOf(key), value)
  map.set(key.latin1(), value.latin1())
}
console.log(`${KEYS} keys, ${((arena.used + arena.outside) / KEYS).toFixed(1)} bytes each`)

summary(() => {
  bench('find, read value', () => {
    const ref = dict.find(random(), hashOf(key))
    do_not_optimize(dict.value(ref, view).len)
  })
  bench('Map.get of a new string', () => do_not_optimize(map.get(random().latin1())))
})

const batch = Array.from({ length: BATCH }, () => new Bytes())
const hashes = new Int32Array(BATCH)
bench(`find ${BATCH}, touched ahead`, () => {
  for (const [i, one] of batch.entries()) {
    random()
    hashes[i] = hashOf(one.set(key.buf, key.off, key.len))
  }
  do_not_optimize(dict.touchAhead(hashes, BATCH))
  for (const one of batch) do_not_optimize(dict.value(dict.find(one, hashOf(one)), view).len)
})
bench('replace a value', () => {
  const ref = dict.find(random(), hashOf(key))
  do_not_optimize(dict.setValue(ref, value))
})
bench('remove and add', () => {
  const hash = hashOf(random())
  dict.remove(dict.find(key, hash))
  dict.find(key, hash)
  do_not_optimize(dict.add(key, hash, value))
})
bench('scan of 10', () => {
  dict.scan(Math.floor(Math.random() * 2 ** 32), 10, (ref) => do_not_optimize(dict.key(ref, view).len))
})
bench('random', () => do_not_optimize(dict.random()))

await run()
