/**
 * Finding the entries of a database, and telling others what became of them.
 *
 * Every look-up drops a key that has expired. That of a command which only reads counts keyspace hits and misses and
 * announces misses; it and that of a command which writes touch the key's access clock, unless CLIENT NO-TOUCH asked not to.
 * An entry is named by its record's reference (entries.ts), 0 when there is none.
 */
import { fail } from '../errors.ts'
import type { Bytes } from '../memory/bytes.ts'
import { Entries } from './entries.ts'
import type { KeyspaceEvent } from './events.ts'
import { type KeyspaceState, SUBSCRIBERS } from './keyspace-state.ts'
import { SlottedEntries } from './slotted-entries.ts'

export class Lookups {
  readonly index: number
  protected entries: Entries
  protected readonly keyspace: KeyspaceState

  constructor(keyspace: KeyspaceState, index: number) {
    this.index = index
    this.keyspace = keyspace
    this.entries = this.newEntries()
  }

  protected newEntries(): Entries {
    const { heap, settings, lazyFree, isBySlot } = this.keyspace
    const Kind = isBySlot ? SlottedEntries : Entries
    return new Kind(heap, settings, lazyFree)
  }

  protected lookup(key: Bytes): number {
    const ref = this.entries.find(key)
    return ref !== 0 && this.isDue(ref) ? this.dropExpired(key, ref) : ref
  }

  protected isDue(ref: number): boolean {
    const at = this.entries.expiry(ref)
    return at !== 0 && at <= this.keyspace.time.now
  }

  protected lookupRead(key: Bytes): number {
    const ref = this.lookup(key)
    if (ref === 0) {
      this.keyspace.misses++
      this.notify(key, 'keymiss')
      return 0
    }
    this.keyspace.hits++
    if (!this.keyspace.noTouch) this.use(ref)
    return ref
  }

  protected lookupWrite(key: Bytes): number {
    const ref = this.lookup(key)
    if (ref !== 0 && !this.keyspace.noTouch) this.use(ref)
    return ref
  }

  /** Sets the access clock; only where it differs, so that reading a key twice a second writes its memory once. */
  protected use(ref: number): void {
    const clock = this.entries.clock(ref)
    const used = this.keyspace.access.used(clock)
    if (used !== clock) this.entries.setClock(ref, used)
  }

  protected expect(ref: number, type: number): number {
    if (ref !== 0 && this.entries.type(ref) !== type) fail('wrongType')
    return ref
  }

  /** The access clock of a new key, which is announced. */
  protected announce(key: Bytes): number {
    this.notify(key, 'new')
    return this.keyspace.access.initial()
  }

  /** Runs a function whose look-ups leave access clocks alone. */
  untouched<T>(fn: () => T): T {
    const { noTouch } = this.keyspace
    this.keyspace.noTouch = true
    try {
      return fn()
    } finally {
      this.keyspace.noTouch = noTouch
    }
  }

  /** Drops an expired key; returns 0, the look-up's answer. The key may lie in the record itself. */
  protected dropExpired(key: Bytes, ref: number): 0 {
    const name = key.detach()
    this.entries.remove(ref, this.keyspace.settings['lazyfree-lazy-expire'])
    this.keyspace.expired++
    this.keyspace.observer.touched(this.index, name)
    this.notify(name, 'expired')
    return 0
  }

  // ---- telling others

  /**
   * Says that a command changed the key: WATCHers are told, the keyspace event goes out, `dirty` grows by `count`. Every
   * mutation ends here.
   */
  changed(key: Bytes, event: KeyspaceEvent, count = 1): void {
    const { keyspace } = this
    keyspace.dirty += count
    if (keyspace.observed === 0) return
    keyspace.observer.touched(this.index, key)
    this.notify(key, event)
  }

  /** Sends the event only (a second event of the same change, such as `expire` after `set`). */
  notify(key: Bytes, event: KeyspaceEvent): void {
    if ((this.keyspace.observed & SUBSCRIBERS) !== 0) this.keyspace.observer.notify(this.index, event, key)
  }
}
