/**
 * COPY of a value: builds it again element by element under the new key.
 */
import type { Bytes } from '../memory/bytes.ts'
import type { Database, TypeName } from './database.ts'

/** Copies the value at `key` of `from` to `newKey` of `to`, where there is nothing. Both may be one database. */
export function copyValue(from: Database, to: Database, key: Bytes, newKey: Bytes, type: TypeName): void {
  switch (type) {
    case 'string':
      return to.writeString(newKey, from.findString(key)!.detach())
    case 'hash': {
      const copy = to.openHash(newKey)
      return from.findHash(key)!.forEach((field, value) => {
        copy.set(field, value)
      })
    }
    case 'set': {
      const source = from.findSet(key)!
      const copy = to.openSet(newKey, source.random(), source.size)
      return source.forEach((member) => {
        copy.add(member)
      })
    }
    case 'zset': {
      const source = from.findSortedSet(key)!
      const copy = to.openSortedSet(newKey, source.size)
      return source.range(0, source.size, false, (member, score) => {
        copy.set(member, score)
      })
    }
    case 'list': {
      const source = from.findList(key)!
      const copy = to.openList(newKey)
      return source.forEach(0, source.size, false, (value) => {
        copy.pushRight(value)
      })
    }
  }
}
