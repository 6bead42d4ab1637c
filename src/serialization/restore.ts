/**
 * Reads serialized values, those of Valkey and of Redis down to version 2.6 where their types live on. Payloads come from
 * anywhere: every length and listpack is checked, and nothing is changed before all of the value is there.
 */
import type { Database } from '../keyspace/database.ts'
import type { DetachedValue } from '../keyspace/detached-value.ts'
import type { Bytes } from '../memory/bytes.ts'
import { type CheckedListpack, checkListpack, forEachEntry } from '../types/listpack-check.ts'
import * as format from './format.ts'
import { BadPayload, PayloadReader } from './payload-reader.ts'
import { withoutFooter } from './sealed.ts'
import { listpackOfZiplist } from './ziplist.ts'

/** The value of an intact payload: a string, or a collection to be attached to a key. Undefined: it is malformed. */
export function load(db: Database, payload: Bytes): Bytes | DetachedValue | undefined {
  try {
    return readValue(db, new PayloadReader(withoutFooter(payload)))
  } catch (error) {
    if (error instanceof BadPayload) return undefined
    throw error
  }
}

/** Reads a type and a value. Throws BadPayload. */
export function readValue(db: Database, reader: PayloadReader): Bytes | DetachedValue {
  const type = reader.byte()
  if (type === format.STRING) return reader.string()
  const value = db.detached()
  try {
    readCollection(type, reader, value)
    return value
  } catch (error) {
    value.free()
    throw error
  }
}

function readCollection(type: number, reader: PayloadReader, value: DetachedValue): void {
  switch (type) {
    case format.LIST:
      return readList(reader, value)
    case format.LIST_QUICKLIST:
    case format.LIST_QUICKLIST_2:
      return readNodes(reader, value, type === format.LIST_QUICKLIST_2)
    case format.LIST_ZIPLIST:
      return readZiplist(reader, value)
    case format.SET:
      return readSet(reader, value)
    case format.ZSET:
    case format.ZSET_2:
      return readSortedSet(reader, value, type === format.ZSET)
    case format.HASH:
      return readHash(reader, value)
    case format.SET_INTSET:
      return demand(value.intsetFrom(reader.string()))
    case format.SET_LISTPACK:
      return demand(value.setFrom(filled(listpackOf(reader))))
    case format.ZSET_LISTPACK:
      return demand(value.sortedSetFrom(filled(listpackOf(reader))))
    case format.ZSET_ZIPLIST:
      return demand(value.sortedSetFrom(filled(ziplistOf(reader))))
    case format.HASH_LISTPACK:
      return demand(value.hashFrom(filled(listpackOf(reader))))
    case format.HASH_ZIPLIST:
      return demand(value.hashFrom(filled(ziplistOf(reader))))
    default:
      throw new BadPayload()
  }
}

function demand(condition: boolean): void {
  if (!condition) throw new BadPayload()
}

function listpackOf(reader: PayloadReader): CheckedListpack {
  const pack = checkListpack(reader.string())
  if (pack === null) throw new BadPayload()
  return pack
}

function ziplistOf(reader: PayloadReader): CheckedListpack {
  const pack = listpackOfZiplist(reader.string())
  if (pack === null) throw new BadPayload()
  return pack
}

/** No key has an empty collection. */
function filled(pack: CheckedListpack): CheckedListpack {
  if (pack.count === 0) throw new BadPayload()
  return pack
}

function readList(reader: PayloadReader, value: DetachedValue): void {
  const n = reader.elements()
  const list = value.list()
  for (let i = 0; i < n; i++) list.pushRight(reader.string())
  list.settle()
}

function readNodes(reader: PayloadReader, value: DetachedValue, areListpacks: boolean): void {
  const n = reader.elements()
  const list = value.list()
  for (let i = 0; i < n; i++) {
    const kind = areListpacks ? reader.count() : format.PACKED_NODE
    if (kind === format.PLAIN_NODE) {
      const element = reader.string()
      demand(element.len > 0)
      list.appendPlainNode(element)
    } else {
      demand(kind === format.PACKED_NODE)
      const pack = areListpacks ? listpackOf(reader) : ziplistOf(reader)
      if (pack.count > 0) list.appendNode(pack)
    }
  }
  demand(list.size > 0)
  list.settle()
}

function readZiplist(reader: PayloadReader, value: DetachedValue): void {
  const { pack } = filled(ziplistOf(reader))
  const list = value.list()
  forEachEntry(pack, (element) => list.pushRight(element))
  list.settle()
}

function readSet(reader: PayloadReader, value: DetachedValue): void {
  const n = reader.elements()
  const set = value.set(n)
  for (let i = 0; i < n; i++) demand(set.add(reader.string()))
}

function readSortedSet(reader: PayloadReader, value: DetachedValue, areScoresText: boolean): void {
  const n = reader.elements()
  const set = value.sortedSet(n)
  for (let i = 0; i < n; i++) {
    const member = reader.string()
    demand(set.set(member, areScoresText ? reader.textDouble() : reader.double()))
  }
  set.settle()
}

function readHash(reader: PayloadReader, value: DetachedValue): void {
  const n = reader.elements()
  const hash = value.hash(n)
  for (let i = 0; i < n; i++) {
    const field = reader.string()
    demand(hash.set(field, reader.string()))
  }
}
