/**
 * The server's TLS ports, from the engine's side: a thread of their own serves them (worker.ts), whose connections to the
 * engine arrive at a private socket (private-socket.ts). The thread is started when TLS is first asked for, and again should it end.
 */
import type { Switchboard } from '../switchboard.ts'
import type { ListeningSocket, SocketLayer } from '../tcp.ts'
import { openPrivateSocket, type PrivateSocket } from './private-socket.ts'
import type { Answer, ListenRequest, Request } from './protocol.ts'
import { ADMISSION_DIRECTIVES, CONTEXT_DIRECTIVES, pick } from './settings.ts'
import { TlsThread } from './thread.ts'

/** A thread that ended is followed by another after this time. */
const RESTART_DELAY_MS = 1000

type Port = ListenRequest['listen']

export class TlsFront {
  /** Certificates have been loaded. */
  isConfigured = false
  private readonly layer: SocketLayer
  private readonly board: Switchboard
  private readonly entry: URL
  private privateSocket: PrivateSocket | undefined
  private thread: TlsThread | undefined
  private restarting: ReturnType<typeof setTimeout> | undefined
  private readonly ports = new Map<number, Port>()
  /** Ports that the thread served which ended, for the next one. */
  private readonly lost = new Set<Port>()
  private lastId = 0

  constructor(layer: SocketLayer, board: Switchboard, entry = new URL('./worker.js', import.meta.url)) {
    this.layer = layer
    this.board = board
    this.entry = entry
  }

  /** Where the engine listens for the thread. */
  get sockets(): readonly ListeningSocket[] {
    return this.privateSocket === undefined ? [] : [this.privateSocket.listening]
  }

  /** Has the certificates loaded as the configuration now says; what is wrong with it goes to the log, too. Throws. */
  configure(): void {
    const { settings, log } = this.board.turn
    const { refusal } = this.ask({ configure: pick(settings, [...CONTEXT_DIRECTIVES, 'tls-auth-clients']) })
    if (refusal !== undefined) {
      log.warning(refusal.message)
      throw new Error(refusal.message)
    }
    this.isConfigured = true
  }

  /** Throws a system error. */
  listen(address: string, port: number): ListeningSocket {
    const id = ++this.lastId
    this.open({ id, address, port, backlog: this.board.turn.settings['tcp-backlog'] })
    return {
      port,
      ready: Promise.resolve(),
      descriptor: undefined,
      adopt() {},
      close: async () => {
        this.ports.delete(id)
        this.thread?.tell({ unlisten: id })
      },
    }
  }

  /** Has the thread follow a change of who is let in. */
  updateAdmission(): void {
    this.thread?.tell({ admission: pick(this.board.turn.settings, ADMISSION_DIRECTIVES) })
  }

  /** Called about once a second. */
  sweep(): void {
    this.board.turn.stats.connectionsRejected += this.thread?.takeRejected() ?? 0
  }

  async close(): Promise<void> {
    clearTimeout(this.restarting)
    const { thread, privateSocket } = this
    this.thread = undefined
    this.privateSocket = undefined
    privateSocket?.close()
    await thread?.stop()
  }

  private open(port: Port): void {
    const { refusal } = this.ask({ listen: port })
    if (refusal !== undefined) throw Object.assign(new Error(refusal.message), { code: refusal.code })
    this.ports.set(port.id, port)
  }

  private ask(request: Request): Answer {
    this.thread ??= this.start()
    const answer = this.thread.ask(request)
    if (answer !== undefined) return answer
    void this.thread.stop()
    this.ended('it does not answer')
    throw new Error('the TLS thread does not answer')
  }

  private start(): TlsThread {
    clearTimeout(this.restarting)
    const { layer, board, entry } = this
    const { settings, log } = board.turn
    this.privateSocket ??= openPrivateSocket(layer, board)
    const { path, secret } = this.privateSocket
    const data = { admission: pick(settings, ADMISSION_DIRECTIVES), privateSocket: { path, secret } }
    return new TlsThread({
      entry,
      data,
      log,
      onReady: () => this.resume(),
      onEnd: (reason) => this.ended(reason),
    })
  }

  private ended(reason: string): void {
    this.thread = undefined
    this.isConfigured = false
    for (const port of this.ports.values()) this.lost.add(port)
    this.board.turn.log.warning(`The TLS thread died: ${reason}. Its connections are lost; starting another.`)
    this.restarting = setTimeout(() => {
      this.thread ??= this.start()
    }, RESTART_DELAY_MS).unref()
  }

  /** Has a new thread do what the old one did. */
  private resume(): void {
    if (this.lost.size === 0) return
    try {
      this.configure()
      for (const port of this.lost) {
        if (this.ports.has(port.id)) this.open(port)
        this.lost.delete(port)
      }
      this.board.turn.log.notice('The new TLS thread is ready to accept connections')
    } catch (error) {
      void this.thread?.stop()
      this.ended((error as Error).message)
    }
  }
}
