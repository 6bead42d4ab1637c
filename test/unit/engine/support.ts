/**
 * Clients without sockets: what is sent to them is kept.
 */

import { User } from '../../../src/acl/user.ts'
import type { ClientTransport } from '../../../src/commands/session.ts'
import { Client } from '../../../src/engine/client.ts'
import type { Bytes } from '../../../src/memory/bytes.ts'

export class FakeTransport implements ClientTransport {
  readonly address: string
  readonly localAddress: string
  readonly fd = 3
  readonly isUnix: boolean
  readonly isSecure = false
  readonly isLocal = true
  inputBytes = 0
  readonly inputFree = 0
  readonly outputBytes = 0
  sent = ''
  closed = false
  resumed = 0

  constructor(address = '127.0.0.1:1', isUnix = false) {
    this.address = address
    this.localAddress = isUnix ? address : '127.0.0.1:6379'
    this.isUnix = isUnix
  }

  enqueue(message: Bytes): void {
    this.sent += message.latin1()
  }

  close(): void {
    this.closed = true
  }

  readonly owesReplies = false

  converse(): undefined {}

  divert(): Buffer {
    return Buffer.alloc(0)
  }

  resume(): void {
    this.resumed++
  }
}

let lastId = 0

export interface TestClient {
  readonly client: Client
  readonly transport: FakeTransport
}

export function newClient(transport = new FakeTransport()): TestClient {
  return { client: new Client(++lastId, transport, 0, User.unrestricted('default')), transport }
}
