/**
 * The connections there are: lets them in or turns them away, and looks after them until they end.
 */
import { refusal } from './admission.ts'
import { Connection } from './connection.ts'
import type { NetworkParts } from './ports.ts'
import type { Lendable, Socket } from './tcp.ts'
import { Turn } from './turn.ts'

/** A connection of which it is not known yet whose it is. */
export interface Arriving extends Lendable {
  turnAway(): void
}

export class Switchboard {
  readonly turn: Turn
  readonly connections = new Set<Connection>()
  readonly arrivals = new Set<Arriving>()
  /** Called with what is new of both before anything is read of it. */
  onConnection: ((connection: Lendable) => void) | null = null

  constructor(parts: NetworkParts) {
    this.turn = new Turn(parts)
  }

  /** Undefined when it was turned away. */
  accept(socket: Socket): Connection | undefined {
    const { turn, connections } = this
    const { stats } = turn
    const text = refusal(socket, connections.size, turn.settings, turn.clients)
    if (text !== undefined) {
      stats.connectionsRejected++
      socket.write(Buffer.from(text), text.length)
      socket.close()
      return undefined
    }
    stats.connectionsReceived++
    const connection = new Connection(turn, socket, this.disconnected)
    connections.add(connection)
    turn.logVerbose(() => `Accepted ${connection.address}`)
    this.onConnection?.(connection)
    connection.start()
    return connection
  }

  private readonly disconnected = (connection: Connection): void => {
    this.connections.delete(connection)
    this.turn.clients.disconnect(connection.client)
  }

  /** Called about once a second. */
  sweep(): void {
    const { debug, clock } = this.turn
    if (debug.cronPaused) return
    const { now } = clock
    for (const connection of this.connections) connection.sweep(now)
  }

  closeAll(): void {
    this.turn.sendReplies()
    for (const arrival of this.arrivals) arrival.turnAway()
    for (const connection of this.connections) connection.terminate()
  }
}
