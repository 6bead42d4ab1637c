/**
 * Starts the metrics thread and keeps its figures fresh.
 */
import { Worker } from 'node:worker_threads'
import type { ScriptLedger } from '../../counting/scripts/ledger.ts'
import type { InfoSource } from '../fields/source.ts'
import { type FiguresShape, figuresShape, SharedFigures } from '../metrics/shared-figures.ts'

/** Old and young space of the thread's heap, MB: it only renders text. */
const WORKER_HEAP_MB = 128
const PUBLISH_INTERVAL_MS = 200

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

export type MetricsOptions = Omit<HttpWorkerData, 'buffer' | 'shape' | 'scripts' | 'page'> & {
  /** The thread's program, and the folder of the page's files. */
  readonly entry?: URL
  readonly page?: URL
}

export type HttpWorkerMessage = { readonly listening: number } | { readonly failed: string }

export interface MetricsServer {
  readonly port: number
  stop(): Promise<void>
}

/** Resolves when the port is open (0: any free one); rejects when it cannot be. */
export async function startMetricsServer(
  source: InfoSource,
  ledger: ScriptLedger,
  options: MetricsOptions,
): Promise<MetricsServer> {
  const { entry = new URL('./worker.js', import.meta.url), page = new URL('../../page/', import.meta.url) } =
    options
  const shape = figuresShape(
    source.config.databases,
    source.commands.map((command) => command.name),
  )
  const shared = new SharedFigures(shape)
  const publish = () => {
    shared.publish(source)
    ledger.labels.assign(source.now)
    ledger.feed.flush()
  }
  publish()
  const timer = setInterval(publish, PUBLISH_INTERVAL_MS)
  timer.unref()
  const worker = new Worker(entry, {
    workerData: {
      buffer: shared.buffer,
      shape,
      scripts: ledger.memory.buffer,
      control: options.control,
      host: options.host,
      port: options.port,
      tokenHash: options.tokenHash,
      page: page.href,
    } satisfies HttpWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    name: 'metrics',
  })
  const stop = async () => {
    clearInterval(timer)
    ledger.feed.connect(null)
    await worker.terminate()
  }
  try {
    const port = await listening(worker)
    ledger.feed.connect((message) => worker.postMessage(message))
    worker.unref()
    return { port, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function listening(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread ended')))
    worker.once('message', (message: HttpWorkerMessage) => {
      if ('listening' in message) resolve(message.listening)
      else reject(new Error(message.failed))
    })
  })
}
