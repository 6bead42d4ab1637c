/**
 * What all databases share: the memory that their keys lie in, the time, those who are told of changes, and what is counted
 * over all of them.
 */
import { Arena } from '../memory/arena.ts'
import type { Bytes } from '../memory/bytes.ts'
import { Handles } from '../memory/handles.ts'
import type { EncodingLimits, Heap } from '../types/value.ts'
import { AccessClock, type AccessSettings } from './access.ts'
import type { LazySettings } from './entries.ts'
import type { KeyspaceEvent } from './events.ts'
import { LazyFree } from './lazy-free.ts'

/** Who is told of changes: transactions that watch, and subscribers of keyspace events. */
export interface KeyspaceObserver {
  touched(dbIndex: number, key: Bytes): void
  touchedAll(dbIndex: number, other?: number): void
  notify(dbIndex: number, event: KeyspaceEvent, key: Bytes): void
}

const NOBODY: KeyspaceObserver = { touched() {}, touchedAll() {}, notify() {} }

export interface KeyspaceSettings extends EncodingLimits, AccessSettings, LazySettings {}

/** Who wants to be told of changes at the moment: most of the time nobody, which a write asks by one test. */
export const WATCHERS = 1
export const SUBSCRIBERS = 2

export class KeyspaceState {
  readonly heap: Heap
  readonly settings: KeyspaceSettings
  readonly access: AccessClock
  readonly lazyFree = new LazyFree()
  /** The keys are those of a cluster's node. */
  readonly isBySlot: boolean
  /** The frozen present of the running command. */
  readonly time: { readonly now: number }
  observer: KeyspaceObserver = NOBODY
  /** WATCHERS, SUBSCRIBERS: whether the observer is to be told. */
  observed = 0

  hits = 0
  misses = 0
  expired = 0
  evicted = 0
  /** Changes so far: what `rdb_changes_since_last_save` counts, and how a script is known to have written. */
  dirty = 0
  /** Look-ups leave access clocks alone (CLIENT NO-TOUCH). */
  noTouch = false

  constructor(
    settings: KeyspaceSettings,
    time: { readonly now: number },
    isBySlot = false,
    arena = new Arena(),
  ) {
    this.heap = { arena, handles: new Handles() }
    this.settings = settings
    this.time = time
    this.access = new AccessClock(settings)
    this.access.update(time.now)
    this.isBySlot = isBySlot
  }

  /** Whether somebody of a kind wants to be told of changes. */
  setObserved(kind: number, wanted: boolean): void {
    this.observed = wanted ? this.observed | kind : this.observed & ~kind
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.hits = 0
    this.misses = 0
    this.expired = 0
    this.evicted = 0
    this.lazyFree.resetStatistics()
  }
}
