/**
 * The clients, and what they may do.
 */
import { AccessControl } from '../../acl/access-control.ts'
import { clientLine } from '../../commands/client/line.ts'
import type { Client } from '../client.ts'
import { ClientRegistry } from '../client-registry.ts'
import type { Constraints } from '../constraints.ts'
import type { Data } from './data.ts'
import type { EngineHost } from './host.ts'
import type { Instruments } from './instruments.ts'

export interface Clients {
  readonly clients: ClientRegistry
  readonly access: AccessControl
}

/** `caller`: the client whose command runs. */
export function makeClients(
  { config, users, files, log }: EngineHost,
  { clock, monitor }: Instruments,
  { pubsub, transactions }: Data,
  constraints: Constraints,
  caller: () => Client,
): Clients {
  const settings = config.values
  const clients = new ClientRegistry({
    clock,
    constraints,
    pubsub,
    monitor,
    transactions,
    users,
    settings,
    log,
  })
  const access = new AccessControl({
    users,
    sessions: {
      all: () => clients.all(),
      end: (client: Client) => clients.end(client, caller()),
      describe: (client: Client) => clientLine(client, clock.now, undefined),
    },
    files,
    settings,
    clock,
    serverLog: log,
  })
  const followPassword = () => access.setDefaultPassword(settings.requirepass)
  config.onChange('requirepass', followPassword)
  followPassword()
  return { clients, access }
}
