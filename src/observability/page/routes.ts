/**
 * The page over HTTP: its files, its stream, how a script did, and the request to end the one that runs.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ScriptReader } from '../../counting/scripts/reader.ts'
import type { Connections } from '../http/connections.ts'
import type { Gate } from '../http/gate.ts'
import { HEADERS, refuse } from '../http/guard.ts'
import type { Asset } from './assets.ts'
import type { Recorder } from './history.ts'
import type { Killer } from './killer.ts'
import type { KillOutcome } from './protocol.ts'
import type { Streams } from './stream.ts'

const STATUS: Readonly<Record<KillOutcome, number>> = { ended: 200, over: 409, unkillable: 409, pending: 504 }

const RUN_SCHEMA = {
  type: 'object',
  required: ['run'],
  additionalProperties: false,
  properties: { run: { type: 'integer' } },
}

export function servePage(app: FastifyInstance, assets: ReadonlyMap<string, Asset>): void {
  const send = (name: string, request: FastifyRequest, reply: FastifyReply) => {
    const asset = assets.get(name)
    if (asset === undefined) return reply.code(404).send({ error: 'no such file' })
    reply.header('cache-control', 'no-cache').header('etag', asset.etag)
    if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send()
    return reply.type(asset.type).send(asset.body)
  }
  app.get('/', (request, reply) => send('index.html', request, reply))
  app.get<{ Params: { file: string } }>('/page/:file', (request, reply) =>
    send(request.params.file, request, reply),
  )
}

export function serveStream(app: FastifyInstance, streams: Streams, connections: Connections): void {
  app.get('/stream', { exposeHeadRoute: false }, (_request, reply) => {
    if (streams.isFull) {
      return reply.code(503).header('retry-after', '5').send({ error: 'too many pages are open' })
    }
    const { raw } = reply.hijack()
    raw.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    connections.keep(raw.socket!)
    streams.add(raw)
  })
}

export function serveTrails(app: FastifyInstance, recorder: Recorder, reader: ScriptReader): void {
  app.get<{ Params: { id: string } }>('/scripts/:id/trail', async (request, reply) => {
    const id = reader.find(request.params.id)?.figures.id
    if (id === undefined) return reply.code(404).send({ error: 'no such script' })
    // None yet of one that runs for the first time.
    return recorder.trailOf(id) ?? reply.code(204).send()
  })
}

/** `note` writes into the server's log. */
export function serveKill(
  app: FastifyInstance,
  gate: Gate,
  killer: Killer,
  note: (text: string) => void,
): void {
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const refusal = gate.refusalToAct(request.headers)
    if (refusal !== undefined) return refuse(reply, refusal)
  }
  app.post<{ Body: { run: number } }>(
    '/kill',
    { onRequest, schema: { body: RUN_SCHEMA } },
    async (request, reply) => {
      const { run } = request.body
      const id = killer.running(Date.now())?.id
      const outcome = await killer.kill(run)
      if (outcome === 'ended' || outcome === 'pending') {
        note(`The end of script ${id} was asked for through the metrics page, from ${request.ip}.`)
      }
      return reply.code(STATUS[outcome]).send({ outcome })
    },
  )
}
