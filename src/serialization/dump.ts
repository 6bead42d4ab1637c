/**
 * Serializes values as DUMP does: type, value, version, checksum. Small collections are stored as they lie in memory.
 */
import type { Database, TypeName } from '../keyspace/database.ts'
import type { Bytes } from '../memory/bytes.ts'
import * as format from './format.ts'
import { PayloadWriter } from './payload-writer.ts'
import { seal } from './sealed.ts'

export interface DumpOptions {
  /** Long strings are compressed. */
  readonly compress: boolean
}

/** The value at key, looked up as a command that reads does; undefined when there is none. */
export function dump(db: Database, key: Bytes, { compress }: DumpOptions): Bytes | undefined {
  const writer = new PayloadWriter(compress)
  const type = db.type(key)
  if (type === undefined) {
    // For the count of misses, and the event.
    db.readExists(key)
    return undefined
  }
  putValue(db, key, type, writer)
  return seal(writer)
}

/** Writes the type and value of a key that is there. */
export function putValue(db: Database, key: Bytes, type: TypeName, writer: PayloadWriter): void {
  switch (type) {
    case 'string':
      writer.byte(format.STRING)
      writer.string(db.readString(key)!)
      return
    case 'list':
      return putList(db, key, writer)
    case 'set':
      return putSet(db, key, writer)
    case 'zset':
      return putSortedSet(db, key, writer)
    case 'hash':
      return putHash(db, key, writer)
    default:
      throw new TypeError(`values of type ${type} cannot be serialized`)
  }
}

function putList(db: Database, key: Bytes, writer: PayloadWriter): void {
  const list = db.readList(key)!
  writer.byte(format.LIST_QUICKLIST_2)
  writer.count(list.nodeCount)
  list.forEachNode((node, isPlain) => {
    writer.count(isPlain ? format.PLAIN_NODE : format.PACKED_NODE)
    writer.string(node)
  })
}

function putSet(db: Database, key: Bytes, writer: PayloadWriter): void {
  const set = db.readSet(key)!
  const { packed } = set
  if (packed !== null) {
    writer.byte(set.encoding === 'intset' ? format.SET_INTSET : format.SET_LISTPACK)
    writer.string(packed)
    return
  }
  writer.byte(format.SET)
  writer.count(set.size)
  set.forEach((member) => {
    writer.string(member)
  })
}

function putSortedSet(db: Database, key: Bytes, writer: PayloadWriter): void {
  const set = db.readSortedSet(key)!
  const { packed } = set
  if (packed !== null) {
    writer.byte(format.ZSET_LISTPACK)
    writer.string(packed)
    return
  }
  writer.byte(format.ZSET_2)
  writer.count(set.size)
  set.range(0, set.size, true, (member, score) => {
    writer.string(member)
    writer.double(score)
  })
}

function putHash(db: Database, key: Bytes, writer: PayloadWriter): void {
  const hash = db.readHash(key)!
  const { packed } = hash
  if (packed !== null) {
    writer.byte(format.HASH_LISTPACK)
    writer.string(packed)
    return
  }
  writer.byte(format.HASH)
  writer.count(hash.size)
  hash.forEach((field, value) => {
    writer.string(field)
    writer.string(value)
  })
}
