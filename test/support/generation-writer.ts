/**
 * A thread that changes numbers in shared memory without end: all are the same, but in the middle of a change.
 */
import { workerData } from 'node:worker_threads'
import { change } from '../../src/counting/generation.ts'

export interface WriterData {
  readonly generations: Int32Array
  readonly numbers: Float64Array
}

const { generations, numbers } = workerData as WriterData
for (let n = 1; ; n++) {
  change(generations, 0, () => {
    for (let i = 0; i < numbers.length; i++) numbers[i] = n
  })
}
