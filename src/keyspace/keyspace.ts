/**
 * All databases.
 */
import type { Arena } from '../memory/arena.ts'
import { Database } from './database.ts'
import { type KeyspaceSettings, KeyspaceState } from './keyspace-state.ts'

export class Keyspace extends KeyspaceState {
  private readonly databases: Database[] = []

  constructor(
    count: number,
    settings: KeyspaceSettings,
    time: { readonly now: number },
    isBySlot?: boolean,
    arena?: Arena,
  ) {
    super(settings, time, isBySlot, arena)
    for (let i = 0; i < count; i++) this.databases.push(new Database(this, i))
  }

  get count(): number {
    return this.databases.length
  }

  database(index: number): Database {
    return this.databases[index]!
  }

  get all(): readonly Database[] {
    return this.databases
  }
}
