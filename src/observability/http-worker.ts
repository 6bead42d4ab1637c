/**
 * The metrics thread: serves HTTP out of shared memory alone.
 */
import { parentPort, workerData } from 'node:worker_threads'
import fastify from 'fastify'
import type { HttpWorkerData, HttpWorkerMessage } from './http.ts'
import { serveHealth, serveMetrics, serveScripts } from './http-routes.ts'
import type { FeedMessage } from './scripts/feed.ts'
import { ScriptMemory } from './scripts/memory.ts'
import { ScriptReader } from './scripts/reader.ts'
import { ScriptTexts } from './scripts/texts.ts'
import { SharedFigures } from './shared-figures.ts'

const { buffer, shape, scripts, host, port } = workerData as HttpWorkerData
const figures = new SharedFigures(shape, buffer)
const reader = new ScriptReader(new ScriptMemory(scripts))
const texts = new ScriptTexts()
const app = fastify()

parentPort?.on('message', (message: FeedMessage) => texts.take(message))
serveMetrics(app, figures, reader)
serveHealth(app, figures, reader)
serveScripts(app, reader, texts)

function tell(message: HttpWorkerMessage): void {
  parentPort?.postMessage(message)
}

try {
  await app.listen({ host, port })
  const address = app.server.address()
  tell({ listening: typeof address === 'object' && address !== null ? address.port : port })
} catch (error) {
  tell({ failed: (error as Error).message })
}
