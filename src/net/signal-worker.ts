/**
 * The thread that listens for signals while the engine's event loop stands still (signal-watch.ts). Node tells the first
 * thread alone of signals; its binding `signal_wrap`, the same from Node 20 to 26, works in every thread, but is handed out
 * only to those started with `--expose-internals`.
 */
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { workerData } from 'node:worker_threads'
import { HEARD, LISTENING, type SignalWorkerData } from './signal-watch.ts'

interface SignalHandle {
  onsignal: () => void
  start(signal: number): number
}

interface Internals {
  internalBinding(name: 'signal_wrap'): { readonly Signal: new () => SignalHandle }
}

const { word } = workerData as SignalWorkerData

function become(state: number): void {
  Atomics.store(word, 0, state)
  Atomics.notify(word, 0)
}

const { internalBinding } = createRequire(import.meta.url)('internal/test/binding') as Internals
const { Signal } = internalBinding('signal_wrap')
for (const signal of [constants.signals.SIGTERM, constants.signals.SIGINT]) {
  const handle = new Signal()
  handle.onsignal = () => become(HEARD)
  handle.start(signal)
}
become(LISTENING)
