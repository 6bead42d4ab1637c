import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScriptRow } from '../../../src/observability/page/protocol.ts'
import { COLUMNS, isWanted, luaShare, sorted } from '../../../src/page/columns.ts'

function row(id: string, seconds: number, kind: ScriptRow['kind'] = 'script'): ScriptRow {
  const figures = { calls: 1, rate: 0, load: 0, luaSeconds: seconds / 4, p50: 1, p99: 1, max: 1 }
  return { id, name: '', kind, seconds, errors: 0, kills: 0, lastRun: 0, ...figures }
}

const column = (key: string) => COLUMNS.find((candidate) => candidate.key === key)!
const ids = (rows: readonly ScriptRow[]) => rows.map(({ id }) => id)

test('rows are sorted by a column, either way, the others last', () => {
  const rows = [row('b', 2), row('other', 9, 'other'), row('a', 3), row('c', 2)]
  assert.deepEqual(ids(sorted(rows, column('seconds'), false)), ['a', 'b', 'c', 'other'])
  assert.deepEqual(ids(sorted(rows, column('seconds'), true)), ['b', 'c', 'a', 'other'])
  assert.deepEqual(ids(sorted(rows, column('name'), false)), ['a', 'b', 'c', 'other'])
})

test('every column has a text for a script that has not run', () => {
  const texts = COLUMNS.map((candidate) => candidate.text({ ...row('a', 0), calls: 0 }, 0))
  assert.ok(texts.every((text) => text !== '' && !/NaN|undefined|null/.test(text)))
  assert.equal(luaShare(row('a', 0)), 0)
  assert.equal(luaShare(row('a', 4)), 0.25)
})

test('the filter looks at names and ids', () => {
  assert.ok(isWanted({ ...row('abcdef', 1), name: 'acquireLock' }, ' LOCK '))
  assert.ok(isWanted(row('abcdef', 1), 'BCD'))
  assert.ok(!isWanted(row('abcdef', 1), 'x'))
})
