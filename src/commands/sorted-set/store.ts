/**
 * Storing a result under a key: ZRANGESTORE, ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE.
 */
import type { Database } from '../../keyspace/database.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { MemberList } from '../collection/member-list.ts'

export type StoreEvent = 'zrangestore' | 'zunionstore' | 'zinterstore' | 'zdiffstore'

/** Makes the members with their scores the sorted set at key, whatever was there; none: removes the key. */
export function replaceSortedSet(db: Database, key: Bytes, members: MemberList, event: StoreEvent): void {
  const existed = db.delete(key)
  if (members.size === 0) {
    if (existed) db.changed(key, 'del')
    return
  }
  const set = db.openSortedSet(key, members.size, members.longest)
  for (let i = 0; i < members.size; i++) set.set(members.at(i), members.scores[i]!)
  db.changed(key, event)
}
