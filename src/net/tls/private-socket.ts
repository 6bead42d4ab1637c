/**
 * The private socket at which the engine listens for the TLS thread. Linux has Unix sockets without a file: nothing is left
 * behind, whatever happens to the process, and no folder need be writable. Elsewhere it lies in a folder that only this
 * user may enter. In both cases nobody gets in who does not know the secret.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Switchboard } from '../switchboard.ts'
import type { ListeningSocket, SocketLayer } from '../tcp.ts'
import { Arrival } from './arrival.ts'

const RANDOM_BYTES = 16

export interface PrivateSocket {
  readonly path: string
  readonly secret: string
  readonly listening: ListeningSocket
  close(): void
}

/** Throws a system error. */
export function openPrivateSocket(
  layer: SocketLayer,
  board: Switchboard,
  platform = process.platform,
): PrivateSocket {
  const folder = platform === 'linux' ? undefined : mkdtempSync(join(tmpdir(), 'perilune-'))
  const path = folder === undefined ? `\0perilune-${random()}` : join(folder, 'tls')
  const secret = random()
  const remove = () => folder !== undefined && rmSync(folder, { recursive: true, force: true })
  try {
    const listening = layer.listenUnix(path, 0, {
      backlog: board.turn.settings['tcp-backlog'],
      keepAlive: () => 0,
      onSocket: (socket) => new Arrival(board, socket, secret),
    })
    const close = () => {
      void listening.close()
      remove()
    }
    return { path, secret, listening, close }
  } catch (error) {
    remove()
    throw error
  }
}

function random(): string {
  return randomBytes(RANDOM_BYTES).toString('hex')
}
