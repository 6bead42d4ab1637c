/**
 * What another thread reads while scripts come and go.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { ScriptMemory } from '../../../../src/counting/scripts/memory.ts'
import { ScriptReader } from '../../../../src/counting/scripts/reader.ts'
import { CALLS, COUNTERS, DURATIONS } from '../../../../src/counting/scripts/record.ts'
import type { ChurnData } from '../../../support/script-churn.ts'
import { typescriptWorker } from '../../../support/typescript-worker.ts'

const SCRIPTS = 30_000
/** The numbers below are those of scripts that stay. */
const STAYING = 20

test('rows are whole, no series is there twice, and `other` never goes back', async () => {
  const done = new Int32Array(new SharedArrayBuffer(4))
  const workerData: ChurnData = { scripts: SCRIPTS, done }
  const worker = new Worker(typescriptWorker(new URL('../../../support/script-churn.ts', import.meta.url)), {
    workerData,
  })
  try {
    const [buffer] = (await once(worker, 'message')) as [SharedArrayBuffer]
    const reader = new ScriptReader(new ScriptMemory(buffer))
    let last: Float64Array = new Float64Array(0)
    for (let isLast = false; !isLast; ) {
      isLast = Atomics.load(done, 0) === 1
      const rows = reader.labelled()
      const { counters } = rows.pop()!
      for (const [i, value] of last.entries()) assert.ok(counters[i]! >= value)
      last = counters
      assert.equal(new Set(rows.map(({ label }) => label)).size, rows.length)
      for (const { label, name, counters } of rows) {
        assert.equal(label, Number(name).toString(16).padStart(8, '0').padEnd(12, '0'))
        if (Number(name) >= STAYING) assert.ok(counters[CALLS - COUNTERS]! <= 1, name)
      }
      const all = reader.all()
      assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
    }
    assert.equal(last[CALLS - COUNTERS], last[DURATIONS - COUNTERS])
  } finally {
    await worker.terminate()
  }
})
