/**
 * A copy of all keys as bytes, for another thread: there is nothing in it but numbers and the values as DUMP has them, so
 * that it knows nothing of how they lie in memory.
 */
import type { Keyspace } from '../keyspace/keyspace.ts'
import { Bytes } from '../memory/bytes.ts'
import { putValue } from './dump.ts'
import { PayloadReader } from './payload-reader.ts'
import { PayloadWriter } from './payload-writer.ts'
import { readValue } from './restore.ts'

/** Bytes after which another piece is begun. */
const PIECE_BYTES = 16 * 1024 * 1024

/** A key's expiry where it has none. */
const NEVER = 0

/** Each piece has a buffer of its own. Looking is not using: access clocks and statistics stay as they are. */
export function takeSnapshot(keyspace: Keyspace): Buffer[] {
  const { noTouch, hits } = keyspace
  keyspace.noTouch = true
  try {
    return writePieces(keyspace)
  } finally {
    keyspace.noTouch = noTouch
    keyspace.hits = hits
  }
}

function writePieces(keyspace: Keyspace): Buffer[] {
  const pieces: Buffer[] = []
  const writer = new PayloadWriter(false)
  const cut = () => {
    pieces.push(new Bytes(writer.buffer, 0, writer.length).copy())
    writer.length = 0
  }
  for (const db of keyspace.all) {
    db.forEach((key, type) => {
      writer.count(db.index)
      writer.string(key)
      writer.double(Math.max(db.expiry(key), NEVER))
      putValue(db, key, type, writer)
      if (writer.length >= PIECE_BYTES) cut()
    })
  }
  cut()
  return pieces
}

/** Fills an empty keyspace. */
export function loadSnapshot(keyspace: Keyspace, pieces: readonly Uint8Array[]): void {
  for (const { buffer, byteOffset, length } of pieces) {
    const reader = new PayloadReader(new Bytes(Buffer.from(buffer, byteOffset, length)))
    while (reader.left > 0) loadEntry(keyspace, reader)
  }
}

function loadEntry(keyspace: Keyspace, reader: PayloadReader): void {
  const db = keyspace.database(reader.count())
  const key = reader.string()
  const expiry = reader.double()
  const value = readValue(db, reader)
  if (value instanceof Bytes) db.writeString(key, value)
  else db.attach(key, value)
  if (expiry !== NEVER) db.setExpiry(key, expiry)
}
