/**
 * A thread in which scripts come, run once each, and go, some with labels; others stay and run on. For the tests of those
 * who read meanwhile.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { ScriptLedger } from '../../src/counting/scripts/ledger.ts'
import { addDuration, CALLS, KIND_SCRIPT, STARTED, TIMED } from '../../src/counting/scripts/record.ts'

export interface ChurnData {
  readonly scripts: number
  /** Becomes 1 at the end. */
  readonly done: Int32Array
}

const STAYING = 20
/** Of those that come and go. */
const AT_ONCE = 10

const { scripts, done } = workerData as ChurnData
const ledger = new ScriptLedger({ 'script-metrics-max-labels': STAYING + AT_ONCE / 2, 'metrics-port': 0 })

function newScript(n: number) {
  const id = n.toString(16).padStart(8, '0').padEnd(40, '0')
  const owner = { record: null as Float64Array | null }
  return { owner, run: () => run(owner.record ?? open()) }
  function open() {
    return ledger.open(owner, { kind: KIND_SCRIPT, id, name: `${n}`, text: Buffer.alloc(0) })
  }
}

function run(record: Float64Array): void {
  record[CALLS]!++
  record[TIMED]!++
  record[STARTED] = record[CALLS]!
  addDuration(record, 10, 1)
}

const staying = Array.from({ length: STAYING }, (_, n) => newScript(n))
for (const { run } of staying) run()
parentPort!.postMessage(ledger.memory.buffer)
const passing: ReturnType<typeof newScript>[] = []
for (let n = STAYING; n < scripts; n++) {
  const script = newScript(n)
  script.run()
  passing.push(script)
  if (passing.length > AT_ONCE) ledger.close(passing.shift()!.owner.record)
  staying[n % STAYING]!.run()
  // Whoever comes has a label now and then.
  ledger.labels.restart()
  ledger.tend(n * 3_600_000)
}
ledger.tend(scripts * 3_600_000)
Atomics.store(done, 0, 1)
