/**
 * A garbage collection on demand: memory outside the JavaScript heap, such as that of a dropped interpreter, is no reason
 * for the collector to start by itself.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { soon } from '../soon.ts'

let collect: (() => void) | undefined

export function collectGarbage(): void {
  collect ??= exposeCollector()
  collect()
}

/** Collects once this turn of the event loop is over. */
export const collectGarbageSoon = soon(collectGarbage)

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
