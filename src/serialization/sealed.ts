/**
 * The footer of serialized values: the version of their format and a checksum.
 */
import { Bytes } from '../memory/bytes.ts'
import { CRC64_BYTES, putCrc64 } from './crc64.ts'
import * as format from './format.ts'
import type { PayloadWriter } from './payload-writer.ts'

const FOOTER_BYTES = format.VERSION_BYTES + CRC64_BYTES
const checksum = Buffer.alloc(CRC64_BYTES)

/** Adds the footer; the whole payload. */
export function seal(writer: PayloadWriter): Bytes {
  writer.reserve(FOOTER_BYTES)
  const { buffer } = writer
  const end = buffer.writeUInt16LE(format.RDB_VERSION, writer.length)
  putCrc64(buffer, 0, end, buffer, end)
  return new Bytes(buffer, 0, end + CRC64_BYTES)
}

/** Whether the checksum is right and the version one that can be read; `strict`: only versions that are known. */
export function isIntact({ buf, off, len }: Bytes, strict: boolean): boolean {
  if (len < FOOTER_BYTES) return false
  const end = off + len - CRC64_BYTES
  const version = buf.readUInt16LE(end - format.VERSION_BYTES)
  if (version >= format.FOREIGN_VERSION_MIN && version <= format.FOREIGN_VERSION_MAX) return false
  if (strict && version > format.RDB_VERSION) return false
  putCrc64(buf, off, end, checksum, 0)
  return checksum.compare(buf, end, end + CRC64_BYTES) === 0
}

/** What an intact payload holds. */
export function withoutFooter(payload: Bytes): Bytes {
  return payload.slice(0, payload.len - FOOTER_BYTES)
}
