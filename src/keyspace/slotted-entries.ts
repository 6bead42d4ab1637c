/**
 * The entries of a database that belongs to a cluster's node: they are listed by slot as well. A class of its own, so that
 * a server without a cluster does not even ask.
 */
import { hashSlot } from '../cluster/hash-slot.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { EncodingLimits, Heap } from '../types/value.ts'
import { Entries, type LazySettings } from './entries.ts'
import type { LazyFree } from './lazy-free.ts'
import { LINK_BYTES, SlotIndex } from './slot-index.ts'

/** Keys of a slot, those included that have expired and are not removed yet. */
export interface KeysBySlot {
  size(slot: number): number
  /** Calls fn with up to `limit` keys; fn must not change the keyspace. */
  forEach(slot: number, limit: number, fn: (key: Bytes) => void): void
}

export class SlottedEntries extends Entries {
  readonly bySlot: KeysBySlot
  private readonly slots: SlotIndex

  constructor(heap: Heap, limits: EncodingLimits & LazySettings, lazyFree: LazyFree) {
    super(heap, limits, lazyFree, LINK_BYTES)
    const slots = new SlotIndex(heap.arena)
    this.slots = slots
    this.bySlot = {
      size: (slot) => slots.size(slot),
      forEach: (slot, limit, fn) => slots.forEach(slot, limit, (ref) => fn(this.key(ref))),
    }
  }

  override add(key: Bytes, type: number, clock: number, value?: Bytes): number {
    const ref = super.add(key, type, clock, value)
    this.slots.add(ref, hashSlot(key))
    return ref
  }

  protected override drop(ref: number): void {
    this.slots.remove(ref, hashSlot(this.key(ref)))
    super.drop(ref)
  }

  protected override settle(from: number, ref: number): number {
    if (ref !== from) this.slots.moved(ref, hashSlot(this.key(ref)))
    return super.settle(from, ref)
  }
}
