/**
 * The TLS thread (worker.ts) as the engine's thread holds it: starts it, asks it and tells it things, and notices its end.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { NetworkLog } from '../ports.ts'
import {
  ANSWERED,
  type Answer,
  CONTROL_WORDS,
  type FromTls,
  LOGGED,
  REJECTED,
  type Request,
  type ToTls,
} from './protocol.ts'
import type { TlsWorkerData } from './worker.ts'

/** It never waits for anybody, so an answer comes as soon as it has started or done a round of handshakes. */
const ANSWER_TIMEOUT_MS = 10_000

export interface ThreadParts {
  readonly entry: URL
  readonly data: Omit<TlsWorkerData, 'port' | 'control'>
  readonly log: NetworkLog
  /** It has started. */
  onReady(): void
  /** It has ended by itself. */
  onEnd(reason: string): void
}

export class TlsThread {
  private readonly worker: Worker
  private readonly port: MessagePort
  private readonly control = new Int32Array(
    new SharedArrayBuffer(CONTROL_WORDS * Int32Array.BYTES_PER_ELEMENT),
  )
  private stopped = false

  constructor({ entry, data, log, onReady, onEnd }: ThreadParts) {
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    this.worker = new Worker(entry, {
      workerData: { ...data, port: port2, control: this.control } satisfies TlsWorkerData,
      transferList: [port2],
      // What the process was started with is none of its business.
      execArgv: [],
      name: 'tls',
    })
    let reason = 'it ended'
    this.worker.on('error', (error) => {
      reason = error.stack ?? error.message
    })
    this.worker.on('exit', () => {
      if (!this.stopped) onEnd(reason)
    })
    this.worker.on('message', (message: FromTls) => {
      if ('ready' in message) {
        onReady()
        return
      }
      Atomics.add(this.control, LOGGED, 1)
      log.warning(message.warning)
    })
    this.worker.unref()
    port1.unref()
  }

  tell(message: ToTls): void {
    this.port.postMessage(message)
  }

  /** Waits for the answer; undefined when none comes. */
  ask(request: Request): Answer | undefined {
    const before = Atomics.load(this.control, ANSWERED)
    this.tell(request)
    if (Atomics.wait(this.control, ANSWERED, before, ANSWER_TIMEOUT_MS) === 'timed-out') return undefined
    return receiveMessageOnPort(this.port)?.message as Answer
  }

  /** How many connections were turned away since this was last asked. */
  takeRejected(): number {
    return Atomics.exchange(this.control, REJECTED, 0)
  }

  /** Ends it and all its connections. */
  async stop(): Promise<void> {
    this.stopped = true
    await this.worker.terminate()
  }
}
