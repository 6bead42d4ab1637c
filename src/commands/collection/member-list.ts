/**
 * Intermediate results of set commands: members copied into one buffer, each with a score, outside the keyspace. What a
 * command has gathered here stays valid while it replaces keys, be they its own sources.
 */
import { Bytes } from '../../memory/bytes.ts'
import { copyBytes } from '../../memory/copy.ts'
import { hashOf } from '../../memory/hashing.ts'

const INITIAL_MEMBERS = 16
const INITIAL_BYTES = 256

export class MemberList {
  size = 0
  /** The scores, by index; meaningless where the caller gave none. */
  scores = new Float64Array(INITIAL_MEMBERS)
  /** Length of the longest member. */
  longest = 0
  protected bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  /** Member i lies at starts[i] .. starts[i + 1]. */
  protected starts = new Float64Array(INITIAL_MEMBERS + 1)
  private readonly view = new Bytes()

  push(member: Bytes, score = 0): void {
    const start = this.starts[this.size]!
    const end = start + member.len
    if (end > this.bytes.length) this.growBytes(end)
    if (this.size === this.scores.length) this.growMembers()
    copyBytes(this.bytes, start, member.buf, member.off, member.len)
    this.scores[this.size] = score
    this.size++
    this.starts[this.size] = end
    if (member.len > this.longest) this.longest = member.len
  }

  /** The member at `index`, valid until the next call. */
  at(index: number): Bytes {
    const start = this.starts[index]!
    return this.view.set(this.bytes, start, this.starts[index + 1]! - start)
  }

  /** The indexes in the order of a sorted set: by score, then by bytes. */
  sorted(): Uint32Array {
    const order = new Uint32Array(this.size)
    for (let i = 0; i < order.length; i++) order[i] = i
    return order.sort((a, b) => {
      const difference = this.scores[a]! - this.scores[b]!
      // Two infinities of the same sign differ by NaN.
      return difference < 0 ? -1 : difference > 0 ? 1 : this.compareMembers(a, b)
    })
  }

  private compareMembers(a: number, b: number): number {
    const { bytes, starts } = this
    return bytes.compare(bytes, starts[b]!, starts[b + 1]!, starts[a]!, starts[a + 1]!)
  }

  private growBytes(needed: number): void {
    const bigger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(bigger, 0, 0, this.starts[this.size]!)
    this.bytes = bigger
  }

  private growMembers(): void {
    const scores = new Float64Array(this.scores.length * 2)
    scores.set(this.scores)
    this.scores = scores
    const starts = new Float64Array(scores.length + 1)
    starts.set(this.starts)
    this.starts = starts
  }
}

/** A MemberList that holds each member once: open addressing over the members' hashes. */
export class MemberTable extends MemberList {
  /** Index of the member last added or found by `add`. */
  last = -1
  private hashes = new Int32Array(INITIAL_MEMBERS)
  /** Index of a member + 1, 0 where free. */
  private slots = new Int32Array(INITIAL_MEMBERS * 2)

  has(member: Bytes): boolean {
    return this.slots[this.slotOf(member, hashOf(member))] !== 0
  }

  /** True when the member is new. */
  add(member: Bytes, score = 0): boolean {
    const hash = hashOf(member)
    const slot = this.slotOf(member, hash)
    const found = this.slots[slot]!
    if (found !== 0) {
      this.last = found - 1
      return false
    }
    this.last = this.size
    this.push(member, score)
    this.slots[slot] = this.size
    if (this.last === this.hashes.length) this.hashes = grown(this.hashes)
    this.hashes[this.last] = hash
    if (this.size * 2 > this.slots.length) this.rehash()
    return true
  }

  private slotOf(member: Bytes, hash: number): number {
    const { slots, hashes } = this
    const mask = slots.length - 1
    let slot = hash & mask
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (hashes[entry - 1] === hash && this.at(entry - 1).equals(member)) break
      slot = (slot + 1) & mask
    }
    return slot
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2)
    const mask = slots.length - 1
    for (let i = 0; i < this.size; i++) {
      let slot = this.hashes[i]! & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = i + 1
    }
    this.slots = slots
  }
}

function grown(items: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(items.length * 2)
  bigger.set(items)
  return bigger
}
