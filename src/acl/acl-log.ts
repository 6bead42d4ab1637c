/**
 * ACL LOG: what was denied lately, and how often. The same denial soon again is counted in its entry.
 */
import type { AclLogEntry, AclLog as AclLogService } from '../commands/services/access-control.ts'

const GROUPING_MS_MAX = 60_000
/** Entries that are looked at for one to count in. */
const GROUPING_ENTRIES_MAX = 10

export interface AclLogSettings {
  readonly 'acllog-max-len': number
}

export type DeniedAccess = Pick<AclLogEntry, 'reason' | 'context' | 'object' | 'user' | 'client'>

type Entry = { -readonly [K in keyof AclLogEntry]: AclLogEntry[K] }

export class AclLog implements AclLogService {
  /** How often what was denied since the start: CONFIG RESETSTAT leaves these figures alone. */
  readonly denied = { auth: 0, command: 0, key: 0, channel: 0 }
  /** The newest first. */
  private readonly entries: Entry[] = []
  private nextId = 0
  private readonly settings: AclLogSettings

  constructor(settings: AclLogSettings) {
    this.settings = settings
  }

  /** `now` in Unix ms. */
  add(access: DeniedAccess, now: number): void {
    this.denied[access.reason]++
    const room = this.settings['acllog-max-len']
    if (room > 0) this.count(access, now)
    if (this.entries.length > room) this.entries.length = room
  }

  private count(access: DeniedAccess, now: number): void {
    const { entries } = this
    const known = entries.slice(0, GROUPING_ENTRIES_MAX).findIndex((entry) => isSame(entry, access, now))
    if (known < 0) {
      entries.unshift({ ...access, id: this.nextId++, count: 1, createdAt: now, updatedAt: now })
      return
    }
    const [entry] = entries.splice(known, 1)
    entry!.client = access.client
    entry!.updatedAt = now
    entry!.count++
    entries.unshift(entry!)
  }

  newest(count: number): readonly AclLogEntry[] {
    return this.entries.slice(0, count)
  }

  reset(): void {
    this.entries.length = 0
  }
}

function isSame(entry: Entry, access: DeniedAccess, now: number): boolean {
  return (
    entry.reason === access.reason &&
    entry.context === access.context &&
    Math.abs(now - entry.updatedAt) <= GROUPING_MS_MAX &&
    entry.object === access.object &&
    entry.user === access.user
  )
}
