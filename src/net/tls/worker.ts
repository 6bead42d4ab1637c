/**
 * The TLS thread: accepts the clients' connections, does their handshakes and their cryptography, and passes what they say
 * on to the engine, over a connection to the engine's private socket for each of them. The engine may be busy meanwhile:
 * nothing here waits for it.
 */
import { createServer, type Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { systemWords } from '../../system-error.ts'
import { socketLayer } from '../socket-layer.ts'
import type { Ends } from '../tcp.ts'
import { Bridge } from './bridge.ts'
import { TlsRefusal } from './context.ts'
import { Handshakes } from './handshakes.ts'
import { LogLines } from './log-lines.ts'
import { writePreamble } from './preamble.ts'
import { ANSWERED, type Answer, type FromTls, type ListenRequest, type ToTls } from './protocol.ts'
import type { AdmissionSettings } from './settings.ts'

export interface TlsWorkerData {
  readonly port: MessagePort
  readonly control: Int32Array
  readonly admission: AdmissionSettings
  /** Where the engine listens for this thread, and the secret that opens. */
  readonly privateSocket: { readonly path: string; readonly secret: string }
}

/** How often bridges look whether the engine is still there. */
const SWEEP_INTERVAL_MS = 1000
/** When the engine has not accepted what came before, after this time the next attempt is made. */
const RETRY_MS = 200

const { port, control, admission, privateSocket } = workerData as TlsWorkerData
const layer = socketLayer()
const tellParent = (message: FromTls) => parentPort?.postMessage(message)
const log = new LogLines(control, tellParent)
const handshakes = new Handshakes({
  control,
  admission,
  warning: (text) => log.warning(text),
  onSecure: bridge,
})
const bridges = new Set<Bridge>()
const listening = new Map<number, Server>()

function bridge(socket: TLSSocket, ends: Ends): void {
  const preamble = Buffer.from(writePreamble(privateSocket.secret, ends))
  const made = new Bridge(layer.overTls(socket), preamble, () => bridges.delete(made))
  bridges.add(made)
  void connect(made)
}

async function connect(bridge: Bridge): Promise<void> {
  while (!bridge.closed) {
    try {
      bridge.connect(await layer.connectUnix(privateSocket.path))
      return
    } catch (error) {
      // Too many wait already for a busy engine.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') await delay(RETRY_MS)
      else {
        log.warning(`Error connecting a TLS client to the engine: ${systemWords(error)}`)
        bridge.close()
      }
    }
  }
}

function listen({ id, address, port, backlog }: ListenRequest['listen']): void {
  const server = createServer({ noDelay: true }, (socket) => handshakes.accept(socket))
  const fail = (error: NodeJS.ErrnoException) => refuse(error.message, error.code)
  server.once('error', fail)
  server.once('listening', () => {
    server.off('error', fail)
    server.on('error', (error) => log.warning(`Accepting client connection: accept: ${systemWords(error)}`))
    listening.set(id, server)
    answer({})
  })
  server.listen({ host: address, port, backlog, ipv6Only: true })
}

function configure(settings: Parameters<Handshakes['configure']>[0]): void {
  try {
    handshakes.configure(settings)
    answer({})
  } catch (error) {
    if (!(error instanceof TlsRefusal)) throw error
    refuse(error.message)
  }
}

function refuse(message: string, code?: string): void {
  answer({ refusal: { message, code } })
}

function answer(answer: Answer): void {
  port.postMessage(answer)
  Atomics.add(control, ANSWERED, 1)
  Atomics.notify(control, ANSWERED)
}

port.on('message', (message: ToTls) => {
  if ('configure' in message) configure(message.configure)
  else if ('listen' in message) listen(message.listen)
  else if ('admission' in message) handshakes.setAdmission(message.admission)
  else {
    listening.get(message.unlisten)?.close()
    listening.delete(message.unlisten)
  }
})

setInterval(() => {
  for (const bridge of bridges) bridge.sweep()
}, SWEEP_INTERVAL_MS).unref()

tellParent({ ready: true })
