/**
 * The metrics thread as the engine's sees it: keeps its figures fresh, and starts another when it ends. Whoever measures a
 * server must not be able to switch the measuring off.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ScriptLedger } from '../../counting/scripts/ledger.ts'
import type { InfoSource } from '../fields/source.ts'
import { type FiguresShape, figuresShape, SharedFigures } from '../metrics/shared-figures.ts'

/** Old and young space of the thread's heap, MB: it only renders text. */
const WORKER_HEAP_MB = 128
const PUBLISH_INTERVAL_MS = 200
/** Until another thread is started: twice as long each time, unless the last has been there for STEADY_MS. */
const RESTART_MS = 1000
const RESTART_MAX_MS = 60_000
const STEADY_MS = 60_000
/** Causes of figures that could not be gathered that are told in the log. */
const CAUSES_MAX = 16

export interface HttpWorkerData {
  readonly buffer: SharedArrayBuffer
  readonly shape: FiguresShape
  /** See counting/scripts/memory.ts. */
  readonly scripts: SharedArrayBuffer
  /** See control-block.ts. */
  readonly control: Int32Array
  readonly host: string
  readonly port: number
  /** See token.ts. */
  readonly tokenHash: Uint8Array | null
  /** The folder of the page's files. */
  readonly page: string
}

/** The last two are for the log. */
export type HttpWorkerMessage =
  | { readonly listening: number }
  | { readonly failed: string }
  | { readonly notice: string }
  | { readonly warning: string }

export interface MetricsLog {
  notice(message: string): void
  warning(message: string): void
}

export interface MetricsOptions extends Pick<HttpWorkerData, 'control' | 'host' | 'port' | 'tokenHash'> {
  readonly log: MetricsLog
  /** The thread's program, and the folder of the page's files. */
  readonly entry?: URL
  readonly page?: URL
}

export class MetricsThread {
  /** The one that is open. */
  port = 0
  private readonly source: InfoSource
  private readonly ledger: ScriptLedger
  private readonly options: MetricsOptions
  private readonly figures: SharedFigures
  private readonly shape: FiguresShape
  private readonly causes = new Set<string>()
  private timer: NodeJS.Timeout | undefined
  private running: RunningThread | undefined
  private isStopped = false

  private constructor(source: InfoSource, ledger: ScriptLedger, options: MetricsOptions) {
    this.source = source
    this.ledger = ledger
    this.options = options
    const commands = source.commands.map((command) => command.name)
    this.shape = figuresShape(source.config.databases, commands)
    this.figures = new SharedFigures(this.shape)
  }

  /** Resolves when the port is open (0: any free one); rejects when it cannot be. */
  static async start(
    source: InfoSource,
    ledger: ScriptLedger,
    options: MetricsOptions,
  ): Promise<MetricsThread> {
    const thread = new MetricsThread(source, ledger, options)
    thread.publish()
    thread.timer = setInterval(() => thread.publish(), PUBLISH_INTERVAL_MS).unref()
    try {
      const first = thread.launch(options.port)
      thread.port = await first.listening
      void thread.keep(first)
      return thread
    } catch (error) {
      await thread.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true
    clearInterval(this.timer)
    this.ledger.feed.connect(null)
    await this.running?.worker.terminate()
  }

  /** One thread after the other. */
  private async keep(thread: RunningThread): Promise<void> {
    const { ledger, options, figures } = this
    let pause = RESTART_MS
    for (;;) {
      const startedAt = performance.now()
      const reason = await thread.ended
      ledger.feed.connect(null)
      if (this.isStopped) return
      if (performance.now() - startedAt > STEADY_MS) pause = RESTART_MS
      options.log.warning(`The metrics thread ended: ${reason}. Another is started in ${pause / 1000} s.`)
      await delay(pause, undefined, { ref: false })
      if (this.isStopped) return
      pause = Math.min(2 * pause, RESTART_MAX_MS)
      figures.noteRestart()
      thread = this.launch(this.port)
    }
  }

  private launch(port: number): RunningThread {
    const { ledger, options } = this
    const {
      entry = new URL('./worker.js', import.meta.url),
      page = new URL('../../page/', import.meta.url),
    } = options
    const data = {
      buffer: this.figures.buffer,
      shape: this.shape,
      scripts: ledger.memory.buffer,
      control: options.control,
      host: options.host,
      port,
      tokenHash: options.tokenHash,
      page: page.href,
    }
    const thread = new RunningThread(entry, data, options.log)
    this.running = thread
    thread.listening.then(
      () => {
        ledger.tellTexts()
        ledger.feed.connect({
          send: (message) => thread.worker.postMessage(message),
          publish: () => this.publishFigures(),
        })
      },
      () => {}, // told by `ended`
    )
    return thread
  }

  private publish(): void {
    const { source, ledger } = this
    this.publishFigures()
    ledger.tend(source.now)
  }

  private publishFigures(): void {
    try {
      this.figures.publish(this.source)
    } catch (error) {
      this.failed(error as Error)
    }
  }

  /** A figure that cannot be read is no reason to end the server, nor to take its last ones for those of now. */
  private failed({ message }: Error): void {
    this.figures.noteFailure(this.source.now)
    if (this.causes.has(message) || this.causes.size >= CAUSES_MAX) return
    this.causes.add(message)
    this.options.log.warning(`The figures of the metrics cannot be gathered: ${message}`)
  }
}

/** A worker, from its start to its end. */
class RunningThread {
  readonly worker: Worker
  /** The port; rejected when it cannot be opened. */
  readonly listening: Promise<number>
  /** Why. */
  readonly ended: Promise<string>

  constructor(entry: URL, workerData: HttpWorkerData, log: MetricsLog) {
    const worker = new Worker(entry, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
      name: 'metrics',
    })
    this.worker = worker
    let reason = 'it stopped by itself'
    worker.on('error', (error) => {
      reason = error.message
    })
    this.ended = new Promise((resolve) => worker.on('exit', () => resolve(reason)))
    this.listening = new Promise((resolve, reject) => {
      worker.on('message', (message: HttpWorkerMessage) => {
        if ('listening' in message) {
          worker.unref()
          resolve(message.listening)
        } else if ('notice' in message) log.notice(message.notice)
        else if ('warning' in message) log.warning(message.warning)
        else {
          reason = message.failed
          void worker.terminate()
        }
      })
      void this.ended.then((why) => reject(new Error(why)))
    })
  }
}
