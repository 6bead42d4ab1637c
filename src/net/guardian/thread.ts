/**
 * A guardian thread (worker.ts) as the engine's thread holds it: starts it, tells it things, waits for its answers, and gives
 * it up when it fails or does not answer.
 *
 * What it has borrowed would be closed at its end, under the engine. So one that is given up does not end before the server
 * does: it sleeps. That costs the memory of a thread for each failure, of which there should be none.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { wakeGuardian } from '../../control-block.ts'
import type { NetworkLog } from '../ports.ts'
import {
  ANSWERED,
  type FailedMessage,
  type FromGuardian,
  GIVEN_UP,
  type Request,
  SIGNAL_WORDS,
  type ToGuardian,
} from './protocol.ts'
import type { GuardianData } from './worker.ts'

/**
 * It answers within microseconds. How often and how long it is waited for: a process that was stopped for a while finds
 * one of these times over, not all.
 */
const ANSWER_WAITS = 5
const ANSWER_WAIT_MS = 1000

export interface ThreadParts {
  readonly entry?: URL
  readonly control: Int32Array
  readonly log: NetworkLog
  readonly answerWaitMs?: number | undefined
  /** Called when it has failed, if this thread is free to hear of it. */
  onFailure(thread: GuardianThread): void
}

export class GuardianThread {
  /** It is known to work. */
  hasAnswered = false
  private readonly worker: Worker
  private readonly port: MessagePort
  private readonly control: Int32Array
  private readonly log: NetworkLog
  private readonly answerWaitMs: number
  private readonly signals = new Int32Array(
    new SharedArrayBuffer(SIGNAL_WORDS * Int32Array.BYTES_PER_ELEMENT),
  )

  constructor(parts: ThreadParts) {
    const { entry = new URL('./worker.js', import.meta.url), control, log, onFailure } = parts
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    this.control = control
    this.log = log
    this.answerWaitMs = parts.answerWaitMs ?? ANSWER_WAIT_MS
    // No limit of its heap: to be over it would be its end.
    const worker = (this.worker = new Worker(entry, {
      workerData: { port: port2, control, signals: this.signals } satisfies GuardianData,
      transferList: [port2],
      name: 'guardian',
    }))
    const fail = (reason: string) => {
      this.giveUp(`failed: ${reason}`)
      onFailure(this)
    }
    worker.on('error', (error) => fail(error.stack ?? error.message))
    worker.on('message', ({ failed }: FailedMessage) => fail(failed))
    worker.unref()
    port1.unref()
  }

  /** As far as is known. */
  get isWell(): boolean {
    return Atomics.load(this.signals, GIVEN_UP) === 0
  }

  tell(message: ToGuardian): void {
    this.port.postMessage(message)
    wakeGuardian(this.control)
  }

  /** Waits until the thread has done what is asked; false when it does not, and will not any more. */
  ask(request: Request): boolean {
    const before = Atomics.load(this.signals, ANSWERED)
    this.tell(request)
    for (let wait = 0; wait < ANSWER_WAITS && this.isWell; wait++) {
      const result = Atomics.wait(this.signals, ANSWERED, before, this.answerWaitMs)
      if (result === 'timed-out' || !this.isWell) continue
      this.hasAnswered = true
      return true
    }
    if (this.isWell) this.giveUp('does not answer.')
    return false
  }

  /** What it has sent, each once. */
  receive(): FromGuardian | undefined {
    return receiveMessageOnPort(this.port)?.message as FromGuardian | undefined
  }

  async stop(): Promise<void> {
    await this.worker.terminate()
  }

  /** From now on it touches nothing, even if it should come to itself. */
  private giveUp(reason: string): void {
    Atomics.store(this.signals, GIVEN_UP, 1)
    this.log.warning(`The guardian thread ${reason}`)
  }
}
