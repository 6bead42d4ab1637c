/**
 * What holds for every request over HTTP: the headers of its answer, and that it is for everybody or passes the
 * gate.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { NeverWhole } from '../../counting/generation.ts'
import { NoFigures } from '../metrics/shared-figures.ts'
import type { Gate, Refusal } from './gate.ts'
import { PERIOD_MS } from './guesses.ts'

/** Bytes of a request's body: the number of a run. */
export const BODY_MAX = 256

/** Characters of a script's id in an address: a library's name and a function's may be long. */
export const ID_MAX = 256

/** Seconds after which there may be figures where there are none yet. */
const RETRY_S = 1

/** Routes for everybody; all others go through the gate. */
const PUBLIC = new Set(['/', '/page/:file', '/metrics', '/healthz'])

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}

export function guard(app: FastifyInstance, gate: Gate): void {
  // What is no JSON is no request: forms of other sites are not read.
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    if (PUBLIC.has(request.routeOptions.url ?? '')) return
    const refusal = gate.refusal(request.headers, request.socket.remoteAddress)
    if (refusal !== undefined) return refuse(reply, refusal)
  })
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof NoFigures || error instanceof NeverWhole)) return reply.send(error)
    return reply.code(503).header('retry-after', RETRY_S).send({ error: error.message })
  })
}

export function refuse(reply: FastifyReply, { status, error }: Refusal): FastifyReply {
  if (status === 429) reply.header('retry-after', String(PERIOD_MS / 1000))
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="perilune"')
  return reply.code(status).send({ error })
}
