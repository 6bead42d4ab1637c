/**
 * A message to many clients that none of them asked for: encoded once for each protocol.
 */
import { Bytes } from '../memory/bytes.ts'
import type { Client } from './client.ts'

/** Room for a count or length with its type and line end. */
const HEADER_BYTES = 16

/** A string or an integer. */
type Part = Bytes | number

function encode(parts: readonly Part[], type: string): Bytes {
  let size = HEADER_BYTES
  for (const part of parts) size += HEADER_BYTES + (typeof part === 'number' ? HEADER_BYTES : part.len)
  const buf = Buffer.allocUnsafe(size)
  let p = buf.latin1Write(`${type}${parts.length}\r\n`, 0)
  for (const part of parts) {
    if (typeof part === 'number') {
      p += buf.latin1Write(`:${part}\r\n`, p)
      continue
    }
    p += buf.latin1Write(`$${part.len}\r\n`, p)
    p += part.buf.copy(buf, p, part.off, part.off + part.len)
    p += buf.latin1Write('\r\n', p)
  }
  return new Bytes(buf, 0, p)
}

export class PushMessage {
  private readonly parts: readonly Part[]
  private resp2: Bytes | null = null
  private resp3: Bytes | null = null

  constructor(parts: readonly Part[]) {
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
