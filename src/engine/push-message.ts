/**
 * A message to many clients that none of them asked for: encoded once for each protocol.
 */
import { Bytes } from '../memory/bytes.ts'
import type { Client } from './client.ts'

/** Room for a count or length with its type and line end. */
const HEADER_BYTES = 16

function encode(parts: readonly Bytes[], type: string): Bytes {
  let size = HEADER_BYTES
  for (const part of parts) size += part.len + HEADER_BYTES
  const buf = Buffer.allocUnsafe(size)
  let p = buf.latin1Write(`${type}${parts.length}\r\n`, 0)
  for (const part of parts) {
    p += buf.latin1Write(`$${part.len}\r\n`, p)
    p += part.buf.copy(buf, p, part.off, part.off + part.len)
    p += buf.latin1Write('\r\n', p)
  }
  return new Bytes(buf, 0, p)
}

export class PushMessage {
  private readonly parts: readonly Bytes[]
  private resp2: Bytes | null = null
  private resp3: Bytes | null = null

  constructor(parts: readonly Bytes[]) {
    this.parts = parts
  }

  sendTo(client: Client): void {
    const message =
      client.protocol === 3
        ? (this.resp3 ??= encode(this.parts, '>'))
        : (this.resp2 ??= encode(this.parts, '*'))
    client.transport?.enqueue(message)
  }
}
