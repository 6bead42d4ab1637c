/**
 * All connected clients: their beginning, their end, and what is done to them from outside.
 */

import type { Users } from '../acl/users.ts'
import { clientLine } from '../commands/client/line.ts'
import type { ClientRegistry as RegistryService } from '../commands/services/clients.ts'
import type { ClientTransport } from '../commands/session.ts'
import type { Log } from '../log.ts'
import { BlockedClients } from './blocked-clients.ts'
import { Client } from './client.ts'
import { ClientMemory, type ClientMemorySettings } from './client-memory.ts'
import { ClientPause } from './client-pause.ts'
import { ClientSurvey } from './client-survey.ts'
import type { Clock } from './clock.ts'
import type { Constraints } from './constraints.ts'
import type { Monitor } from './monitor.ts'
import type { PubSub } from './pubsub.ts'
import type { Transactions } from './transactions.ts'

export interface RegistryParts {
  readonly clock: Clock
  readonly constraints: Constraints
  readonly pubsub: PubSub
  readonly monitor: Monitor
  readonly transactions: Transactions
  readonly users: Users
  readonly settings: ClientMemorySettings
  readonly log: Log
}

export class ClientRegistry implements RegistryService {
  readonly pausing: ClientPause
  readonly blocked = new BlockedClients()
  readonly memory: ClientMemory
  readonly survey: ClientSurvey
  private readonly clients = new Map<number, Client>()
  private nextId = 1
  private readonly parts: RegistryParts

  constructor(parts: RegistryParts) {
    this.parts = parts
    this.pausing = new ClientPause(parts.clock, parts.constraints)
    this.memory = new ClientMemory({
      ...parts,
      all: () => this.all(),
      kill: (client) => this.kill(client),
      describe: (client) => clientLine(client, parts.clock.now, undefined),
    })
    this.survey = new ClientSurvey({
      memory: this.memory,
      ids: () => this.clients.keys(),
      find: (id) => this.find(id),
    })
  }

  /** A connection was accepted. */
  connect(transport: ClientTransport | null): Client {
    const { clock, users } = this.parts
    const client = new Client(this.nextId++, transport, clock.now, users.default)
    client.become(users.default, !users.mustLogIn, users.mustLogIn)
    this.clients.set(client.id, client)
    this.memory.measure(client)
    return client
  }

  /** A connection has ended, whoever ended it. May be told twice. */
  disconnect(client: Client): void {
    if (!this.clients.delete(client.id)) return
    const { transactions, pubsub, monitor } = this.parts
    transactions.discard(client)
    pubsub.unsubscribeAll(client)
    monitor.remove(client)
    this.pausing.forget(client)
    this.blocked.forget(client)
    this.memory.forget(client)
  }

  /** Nobody outside need say who it is. */
  get isPasswordless(): boolean {
    return this.parts.users.default.needsNoPassword
  }

  get count(): number {
    return this.clients.size
  }

  all(): IterableIterator<Client> {
    return this.clients.values()
  }

  find(id: number): Client | undefined {
    return this.clients.get(id)
  }

  kill(client: Client): void {
    this.disconnect(client)
    client.transport?.close(false)
  }

  /** Ends a connection from within a command of `running`, whose reply is still to come. */
  end(client: Client, running: Client): void {
    if (client === running) client.closeAfterReply = true
    else this.kill(client)
  }

  pause(until: number, writesOnly: boolean): void {
    this.pausing.begin(until, writesOnly)
  }

  unpause(): void {
    this.pausing.end()
  }
}
