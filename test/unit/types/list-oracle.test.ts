/**
 * Which encoding a list has depends on how its elements came to share nodes, so encoding and number of nodes are compared with
 * a real Valkey after every step of random sequences.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/memory/bytes.ts'
import { cellReference } from '../../../src/types/cell.ts'
import { List } from '../../../src/types/list.ts'
import { setPackedThreshold } from '../../../src/types/quicklist-limits.ts'
import { type Connection, connect, noOracle, type RunningServer, startOracle } from '../../support/server.ts'
import { limitsWith, newCell, newHeap } from './support.ts'

const b = (text: string) => Bytes.from(text, 'latin1')

const ELEMENT = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -99_999, max: 99_999 }).map(String) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 70 }).map((n) => 's'.repeat(n)) },
  { weight: 3, arbitrary: fc.integer({ min: 400, max: 1500 }).map((n) => 'm'.repeat(n)) },
  { weight: 1, arbitrary: fc.integer({ min: 3900, max: 4300 }).map((n) => 'l'.repeat(n)) },
  { weight: 1, arbitrary: fc.constantFrom(8177, 8178, 8185, 8192, 8193, 10_000).map((n) => 'x'.repeat(n)) },
)

const PLACE = {
  from: fc.integer({ min: 0, max: 9999 }).map((n) => n / 10_000),
  count: fc.integer({ min: 1, max: 12 }),
  left: fc.boolean(),
}

const STEP = fc.record({
  kind: fc.constantFrom('push', 'push', 'push', 'pop', 'trim', 'set', 'insert', 'remove'),
  elements: fc.array(ELEMENT, { minLength: 1, maxLength: 12 }),
  ...PLACE,
})

type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never

/** Few nodes are full when single elements come and go everywhere, so that some can be merged. */
const CHANGE = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'insert', 'remove', 'remove', 'remove', 'set'),
  elements: fc.tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 999_999 }).map(String) },
      { weight: 1, arbitrary: fc.constant('x'.repeat(10_000)) },
    ),
  ),
  ...PLACE,
})

const MANY_CHANGES = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 999_999 }).map(String), { minLength: 10, maxLength: 40, size: 'max' }),
    fc.array(CHANGE, { maxLength: 80, size: 'max' }),
  )
  .map(([elements, changes]): Step[] => [
    { kind: 'push', elements, from: 0, count: 1, left: false },
    ...changes,
  ])

/** Does a step to the list; returns the command that does the same. */
function perform(list: List, { kind, elements, from, count, left }: Step): string[] {
  const at = Math.floor(from * list.size)
  const element = elements[0]!
  if (kind === 'push' || list.size === 0) {
    const bytes = elements.reduce((sum, value) => sum + value.length, 0)
    list.expect(elements.length, bytes)
    for (const value of elements) {
      if (left) list.pushLeft(b(value))
      else list.pushRight(b(value))
    }
    return [left ? 'LPUSH' : 'RPUSH', 'list', ...elements]
  }
  if (kind === 'pop') {
    for (let k = 0; k < count; k++) {
      if (left) list.popLeft()
      else list.popRight()
    }
    return [left ? 'LPOP' : 'RPOP', 'list', String(count)]
  }
  if (kind === 'trim') {
    const size = list.size
    const stop = left ? at + 4 * count : size - 1
    const start = left ? 0 : Math.max(0, at - count)
    list.deleteRange(stop + 1, size)
    list.deleteRange(0, start)
    return ['LTRIM', 'list', String(start), String(stop)]
  }
  if (kind === 'set') {
    list.set(at, b(element))
    return ['LSET', 'list', String(at), element]
  }
  const chosen = list.get(at)!.latin1()
  if (kind === 'remove') {
    list.deleteEqual(b(chosen), count, !left)
    return ['LREM', 'list', String(left ? count : -count), chosen]
  }
  let first = -1
  list.forEach(0, list.size, false, (value, index) => {
    first = index
    return value.latin1() !== chosen
  })
  list.insert(first, b(element))
  return ['LINSERT', 'list', 'BEFORE', chosen, element]
}

describe('lists beside a real Valkey', { skip: noOracle }, () => {
  let server: RunningServer
  let oracle: Connection
  before(async () => {
    server = await startOracle(['--enable-debug-command', 'local'])
    oracle = await connect(server.port)
  })
  after(async () => {
    setPackedThreshold(0)
    await oracle.close()
    await server.stop()
  })

  for (const [fill, threshold] of [
    [-1, 0],
    [-2, 0],
    [-5, 0],
    [3, 0],
    [20, 0],
    [-2, 1],
    [-2, 500],
  ] as const) {
    test(`list-max-listpack-size ${fill}, packed threshold ${threshold}`, async () => {
      await oracle.send('CONFIG', 'SET', 'list-max-listpack-size', String(fill))
      await oracle.send('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', `${threshold}b`)
      setPackedThreshold(threshold)
      const limits = limitsWith({ 'list-max-listpack-size': fill })
      const check = async (steps: Step[]) => {
        const heap = newHeap()
        const cell = newCell(heap)
        List.init(heap, cell)
        const list = new List(heap, limits, cell)
        await oracle.send('DEL', 'list')
        for (const step of steps) {
          const command = perform(list, step)
          await oracle.send(...command)
          if (list.size === 0) {
            // The key goes with its last element; a new list starts small.
            list.free()
            List.init(heap, cell)
            continue
          }
          const said = command.map((word) => word.slice(0, 12)).join(' ')
          assert.equal(String(await oracle.send('OBJECT', 'ENCODING', 'list')), list.encoding, said)
          if (list.encoding === 'listpack') continue
          const { nodes } = heap.handles.get(cellReference(heap.arena, cell)) as { nodes: { count: number } }
          const described = String(await oracle.send('DEBUG', 'OBJECT', 'list'))
          assert.equal(/ql_nodes:(\d+)/.exec(described)?.[1], String(nodes.count), said)
        }
        const contents: string[] = []
        list.forEach(0, list.size, false, (value) => {
          contents.push(value.latin1())
        })
        const expected = (await oracle.send('LRANGE', 'list', '0', '-1')) as unknown[]
        assert.deepEqual(contents, expected.map(String))
      }
      const sequences = fc.oneof(fc.array(STEP, { maxLength: 80, size: 'max' }), MANY_CHANGES)
      await fc.assert(fc.asyncProperty(sequences, check), { numRuns: 60 })
    })
  }
})
