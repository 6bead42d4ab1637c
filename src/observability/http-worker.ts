/**
 * The metrics thread: serves /metrics and /healthz from shared memory alone.
 */
import { parentPort, workerData } from 'node:worker_threads'
import fastify from 'fastify'
import { PERILUNE_VERSION, VALKEY_VERSION } from '../version.ts'
import type { HttpWorkerData, HttpWorkerMessage } from './http.ts'
import { metricsRegistry } from './prometheus.ts'
import { type Figures, SharedFigures } from './shared-figures.ts'

/** Without a sign of life for so long the engine counts as busy. */
const BUSY_AFTER_MS = 2000
/** And for so long as dead: whoever watches may restart it. */
const DEAD_AFTER_MS = 30_000

const { buffer, shape, host, port } = workerData as HttpWorkerData
const shared = new SharedFigures(shape, buffer)
const registry = metricsRegistry(figures)
const app = fastify()

function figures(): Figures {
  const read = shared.read()
  if (read === undefined) throw new Error('no figures yet')
  return read
}

app.get('/metrics', async (_request, reply) => {
  reply.header('content-type', registry.contentType)
  return registry.metrics()
})

app.get('/healthz', async (_request, reply) => {
  const { heartbeat, startedAt } = figures()
  const now = Date.now()
  const age = Math.max(0, Math.round(now - heartbeat))
  if (age > DEAD_AFTER_MS) reply.code(503)
  return {
    status: age > BUSY_AFTER_MS ? 'busy' : 'ok',
    version: PERILUNE_VERSION,
    valkey_version: VALKEY_VERSION,
    engine_alive: age <= BUSY_AFTER_MS,
    engine_heartbeat_age_ms: age,
    uptime_seconds: Math.floor((now - startedAt) / 1000),
  }
})

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
