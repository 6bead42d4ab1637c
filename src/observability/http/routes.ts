/**
 * What the metrics thread answers: /metrics, /healthz, /scripts and /scripts/:id.
 */
import type { FastifyInstance } from 'fastify'
import { isScriptRunning, LIMIT_MS } from '../../control-block.ts'
import type { ScriptReader } from '../../counting/scripts/reader.ts'
import { DURATION_BOUNDS, DURATIONS } from '../../counting/scripts/record.ts'
import { PERILUNE_VERSION, VALKEY_VERSION } from '../../version.ts'
import { MetricsText } from '../metrics/prometheus.ts'
import type { SharedFigures } from '../metrics/shared-figures.ts'
import type { Killer } from '../page/killer.ts'
import type { ScriptDetail } from '../page/protocol.ts'
import type { ScriptTexts } from '../page/texts.ts'
import { compressed, takesGzip } from './compression.ts'
import type { Gate } from './gate.ts'

/** Without a sign of life for so long the engine counts as busy. */
const BUSY_AFTER_MS = 2000
/** And for so long, with no script to explain it, as dead: whoever watches may restart it. */
const DEAD_AFTER_MS = 30_000

export function serveMetrics(
  app: FastifyInstance,
  shared: SharedFigures,
  reader: ScriptReader,
  { denied }: Pick<Gate, 'denied'>,
): void {
  const metrics = new MetricsText(() => ({
    now: Date.now(),
    figures: shared.current,
    scripts: reader.labelled(),
    codes: reader.memory.codeNames,
    running: reader.running,
    denied,
  }))
  app.get('/metrics', async (request, reply) => {
    const { contentType, text } = await metrics.render(request.headers.accept ?? '')
    reply.header('content-type', contentType).header('vary', 'accept, accept-encoding')
    if (!takesGzip(request.headers['accept-encoding'])) return text
    reply.header('content-encoding', 'gzip')
    return compressed(text)
  })
}

/** The running script, and for how long it has been running: what everybody may know. */
function running({ current }: Killer, now: number) {
  if (current === undefined) return null
  return { ...current, milliseconds: Math.max(0, now - current.since), killable: !current.wrote }
}

/** Others are answered BUSY. */
function isLate(run: ReturnType<typeof running>, control: Int32Array): boolean {
  const limit = Atomics.load(control, LIMIT_MS)
  return run !== null && limit > 0 && run.milliseconds >= limit
}

/** `?ready`: may it be sent requests? Otherwise: does it live? A script is no reason to restart it, however long it takes. */
export function serveHealth(
  app: FastifyInstance,
  shared: SharedFigures,
  killer: Killer,
  control: Int32Array,
): void {
  app.get<{ Querystring: { ready?: unknown } }>('/healthz', async (request, reply) => {
    const { heartbeat, startedAt } = shared.current
    const now = Date.now()
    const age = Math.max(0, Math.round(now - heartbeat))
    const run = running(killer, now)
    const isBusy = age > BUSY_AFTER_MS || isLate(run, control)
    const isAlive = age <= DEAD_AFTER_MS || isScriptRunning(control)
    if (!isAlive || (isBusy && request.query.ready !== undefined)) reply.code(503)
    return {
      status: isBusy ? 'busy' : 'ok',
      version: PERILUNE_VERSION,
      valkey_version: VALKEY_VERSION,
      engine_alive: isAlive,
      engine_heartbeat_age_ms: age,
      busy_since: isBusy ? new Date(heartbeat).toISOString() : null,
      running_script: run,
      uptime_seconds: Math.floor((now - startedAt) / 1000),
    }
  })
}

export function serveScripts(
  app: FastifyInstance,
  reader: ScriptReader,
  texts: ScriptTexts,
  killer: Killer,
): void {
  app.get('/scripts', async () => {
    const scripts = reader.all()
    const now = running(killer, Date.now())
    const caller = texts.callerOf(now?.run ?? 0)
    return { running: now && { ...now, caller }, other: scripts.pop(), scripts }
  })
  app.get<{ Params: { id: string } }>('/scripts/:id', async (request, reply) => {
    const found = reader.find(request.params.id)
    if (found === undefined) {
      reply.code(404)
      return { error: 'no such script' }
    }
    const { figures, record } = found
    const durations = [...DURATION_BOUNDS, null].map((le, i) => ({ le, runs: record[DURATIONS + i]! }))
    const text = texts.textOf(figures.id)
    const now = killer.running(Date.now())
    return {
      ...figures,
      durations,
      source: text?.text ?? null,
      sourceBytes: text?.bytes ?? null,
      undeclaredKeys: texts.undeclaredKeysOf(figures.id),
      slowRuns: texts.slowRunsOf(figures.id),
      running: now?.id === figures.id ? now : null,
    } satisfies ScriptDetail
  })
}
