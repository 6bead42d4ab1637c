import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptLedger } from '../../../../src/counting/scripts/ledger.ts'
import { OTHER } from '../../../../src/counting/scripts/memory.ts'
import { INDEX, KIND_SCRIPT } from '../../../../src/counting/scripts/record.ts'
import { KEYS_MAX, UndeclaredKeys } from '../../../../src/counting/scripts/undeclared-keys.ts'

test('the last come first, each once, and no more than there is room for', () => {
  const keys = new UndeclaredKeys()
  keys.add('a', ['1', '2'])
  keys.add('a', ['3', '1'])
  assert.deepEqual(keys.of('a'), ['3', '1', '2'])
  keys.add(
    'a',
    Array.from({ length: 2 * KEYS_MAX }, (_, i) => `k${i}`),
  )
  assert.equal(keys.of('a').length, KEYS_MAX)
  for (let i = 0; i < 2000; i++) keys.add(`script${i}`, ['k'])
  assert.deepEqual([keys.of('a'), keys.of('script1999')], [[], ['k']])
  assert.ok([...keys.entries()].length < 2000)
})

test('they are told to the metrics, told again, and forgotten', () => {
  const ledger = new ScriptLedger({ 'script-metrics-max-labels': 2, 'metrics-port': 1 })
  const told: unknown[] = []
  const listener = { publish() {}, send: (message: object) => 'undeclared' in message && told.push(message) }
  const listen = () => {
    ledger.feed.connect(listener)
    ledger.feed.flush()
    return told.splice(0)
  }
  const record = ledger.open(
    { record: null },
    { kind: KIND_SCRIPT, id: 'id', name: '', text: Buffer.alloc(0) },
  )
  ledger.usedUndeclared(record[INDEX]!, ['a'])
  ledger.usedUndeclared(record[INDEX]!, ['b'])
  ledger.usedUndeclared(OTHER, ['c'])
  const all = { undeclared: { id: 'id', keys: ['b', 'a'] } }
  assert.deepEqual(listen(), [all])
  assert.deepEqual(listen(), [])
  ledger.tellTexts()
  assert.deepEqual(listen(), [all])
  ledger.usedUndeclared(record[INDEX]!, ['d'])
  ledger.reset()
  assert.deepEqual([...told.splice(0), ...listen()], [{ undeclared: null }])
  ledger.usedUndeclared(record[INDEX]!, ['e'])
  ledger.close(record)
  assert.deepEqual([listen(), [...ledger.undeclared.entries()]], [[], []])
})
