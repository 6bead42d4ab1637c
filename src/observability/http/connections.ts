/**
 * The connections beneath the routes, and what a stranger may take with them. Everybody who reaches the port may ask for the
 * figures; nobody can keep others from them or fill the memory of the thread:
 *
 * - A connection has one request at a time. One that sends the next before it has its answer is cut off: no client of
 *   today does that.
 * - The connection whose last request is the longest ago makes room for a new one.
 * - Who takes nothing of an answer for a while is cut off; and when too much waits to be taken, who has been taking it for
 *   longest.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { isDiscarded, Request, Response } from './messages.ts'

/** At a time, beside those of open pages. */
export const CONNECTIONS_MAX = 256
/** A request must have come whole within, and how often that is looked at. */
const REQUEST_MS = 10_000
const CHECK_MS = 1000
/** Nothing is sent, or taken of an answer. */
const STALLED_MS = 10_000
/** Between two requests: longer than between two scrapes. */
const KEEP_ALIVE_MS = 75_000
/** Bytes of answers that wait to be taken, of all connections together. */
export const WAITING_MAX = 16 * 1024 * 1024

export class Connections {
  /** Those that may be cut off for others, in the order of their last request. */
  private readonly open = new Set<Socket>()
  /** Those with a request that is not answered whole. */
  private readonly busy = new Set<Socket>()

  private readonly stalledMs: number

  constructor(stalledMs = STALLED_MS) {
    this.stalledMs = stalledMs
  }

  /** A server whose requests go to `listener`. */
  serve(listener: RequestListener): Server {
    const options = {
      IncomingMessage: Request,
      ServerResponse: Response,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    }
    const server = createServer(options, (request, response) => {
      if (this.begin(request, response)) listener(request, response)
    })
    server.timeout = this.stalledMs
    server.on('connection', (socket: Socket) => this.opened(socket))
    return server
  }

  /** From now on it is not cut off for others: the page that it belongs to is counted elsewhere. */
  keep(socket: Socket): void {
    this.open.delete(socket)
  }

  private opened(socket: Socket): void {
    this.open.add(socket)
    socket.on('close', () => this.open.delete(socket))
    if (this.open.size > CONNECTIONS_MAX) this.cut(this.open.values().next().value!)
  }

  private begin(request: IncomingMessage, response: ServerResponse): boolean {
    if (isDiscarded(request)) return false
    const { socket } = request
    if (this.busy.has(socket)) {
      socket.destroy()
      return false
    }
    this.busy.add(socket)
    response.on('close', () => this.busy.delete(socket))
    // The last in order now.
    if (this.open.delete(socket)) this.open.add(socket)
    this.makeRoom()
    return true
  }

  private makeRoom(): void {
    let waiting = 0
    for (const { writableLength } of this.open) waiting += writableLength
    for (const socket of this.open) {
      if (waiting <= WAITING_MAX) return
      if (socket.writableLength === 0) continue
      waiting -= socket.writableLength
      this.cut(socket)
    }
  }

  private cut(socket: Socket): void {
    this.open.delete(socket)
    socket.destroy()
  }
}
