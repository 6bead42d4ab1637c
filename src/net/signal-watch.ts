/**
 * Whether a signal has asked this process to end, for code that keeps the event loop from being told. What the signal is to
 * do is done by the event loop all the same, as soon as it goes on.
 */
import { Worker } from 'node:worker_threads'

/** States of the word that both threads share. */
const STARTING = 0
export const LISTENING = 1
export const HEARD = 2

export interface SignalWorkerData {
  readonly word: Int32Array
}

/** A thread that has not begun by then never will: signals are heard when the event loop goes on. */
const START_TIMEOUT_MS = 2000

export class SignalWatch {
  private readonly word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  private readonly worker: Worker

  /** Waits until signals are heard. */
  constructor() {
    this.worker = new Worker(new URL('./signal-worker.js', import.meta.url), {
      workerData: { word: this.word } satisfies SignalWorkerData,
      execArgv: ['--expose-internals', '--no-warnings'],
      name: 'signals',
    })
    // Where Node does not hand the binding out there is nothing to listen with.
    this.worker.on('error', () => {})
    this.worker.unref()
    Atomics.wait(this.word, 0, STARTING, START_TIMEOUT_MS)
  }

  get hasHeard(): boolean {
    return Atomics.load(this.word, 0) === HEARD
  }

  /** Blocks, but not beyond a signal. */
  sleep(milliseconds: number): void {
    const state = Atomics.load(this.word, 0)
    if (state !== HEARD) Atomics.wait(this.word, 0, state, milliseconds)
  }

  stop(): void {
    void this.worker.terminate()
  }
}
