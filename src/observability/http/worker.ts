/**
 * The metrics thread: serves HTTP out of shared memory alone.
 */
import { parentPort, workerData } from 'node:worker_threads'
import fastify from 'fastify'
import type { FeedMessage } from '../../counting/scripts/feed.ts'
import { ScriptMemory } from '../../counting/scripts/memory.ts'
import { ScriptReader } from '../../counting/scripts/reader.ts'
import { SharedFigures } from '../metrics/shared-figures.ts'
import { readAssets } from '../page/assets.ts'
import { Recorder } from '../page/history.ts'
import { Killer } from '../page/killer.ts'
import { serveKill, servePage, serveStream, serveTrails } from '../page/routes.ts'
import { Streams } from '../page/stream.ts'
import { ScriptTexts } from '../page/texts.ts'
import { Connections } from './connections.ts'
import { Gate } from './gate.ts'
import { BODY_MAX, guard, ID_MAX } from './guard.ts'
import type { HttpWorkerData, HttpWorkerMessage } from './metrics-thread.ts'
import { serveHealth, serveMetrics, serveScripts } from './routes.ts'

const { buffer, shape, scripts, control, host, port, tokenHash, page } = workerData as HttpWorkerData
const figures = new SharedFigures(shape, buffer)
const reader = new ScriptReader(new ScriptMemory(scripts))
const texts = new ScriptTexts()
const recorder = new Recorder(reader.memory)
const killer = new Killer(control, reader, texts)
const gate = new Gate({ host, tokenHash, warn: (warning) => tell({ warning }) })
const streams = new Streams({ figures, reader, recorder, killer })
const connections = new Connections()
const app = fastify({
  bodyLimit: BODY_MAX,
  routerOptions: { maxParamLength: ID_MAX },
  serverFactory: (listener) => connections.serve(listener),
  // What does not follow a schema is refused, not made to follow it.
  ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
})

parentPort?.on('message', (message: FeedMessage) => texts.take(message))
guard(app, gate)
serveMetrics(app, figures, reader, gate)
serveHealth(app, figures, killer, control)
serveScripts(app, reader, texts, killer)
servePage(app, readAssets(new URL(page)))
serveStream(app, streams, connections)
serveTrails(app, recorder, reader)
serveKill(app, gate, killer, (notice) => tell({ notice }))
streams.start()

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
