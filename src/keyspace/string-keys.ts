/**
 * Keys that hold strings.
 *
 * `read*` is the look-up of a command that only reads, the others are those of commands that write (lookups.ts). All but
 * those that replace whatever is there throw WRONGTYPE where the key holds something else.
 */
import { Bytes } from '../memory/bytes.ts'
import { Lookups } from './lookups.ts'
import { INLINE, INLINE_RAW, INLINE_TEXT, STRING } from './record.ts'
import { addInt64 } from './strings.ts'

/** The value behind so many zero bytes. */
function padded(zeros: number, { buf, off, len }: Bytes): Bytes {
  const bytes = Buffer.alloc(zeros + len)
  buf.copy(bytes, zeros, off, off + len)
  return new Bytes(bytes)
}

export class StringKeys extends Lookups {
  /** The value as text (an integer is printed); valid until the next call. */
  readString(key: Bytes): Bytes | undefined {
    const ref = this.expect(this.lookupRead(key), STRING)
    return ref === 0 ? undefined : this.entries.string(ref)
  }

  findString(key: Bytes): Bytes | undefined {
    const ref = this.expect(this.lookupWrite(key), STRING)
    return ref === 0 ? undefined : this.entries.string(ref)
  }

  /** As readString, but undefined where the key holds something else (MGET, SORT). */
  readStringIfAny(key: Bytes): Bytes | undefined {
    const ref = this.lookupRead(key)
    return ref === 0 || this.entries.type(ref) !== STRING ? undefined : this.entries.string(ref)
  }

  /** Replaces whatever the key held; the expiry goes unless `keepTtl`. */
  writeString(key: Bytes, value: Bytes, keepTtl = false): void {
    this.replaceWithString(key, value, keepTtl, INLINE)
  }

  /** As writeString, the expiry kept; OBJECT ENCODING is not `int` even where it is digits (INCRBYFLOAT). */
  writeText(key: Bytes, value: Bytes): void {
    this.replaceWithString(key, value, true, INLINE_TEXT)
  }

  /** As writeString, with the expiry `at` (Unix ms): one look-up. */
  writeStringUntil(key: Bytes, value: Bytes, at: number): void {
    this.entries.makeRoomForExpiry()
    this.entries.setExpiry(this.replaceWithString(key, value, true, INLINE), at)
  }

  private replaceWithString(key: Bytes, value: Bytes, keepTtl: boolean, kind: number): number {
    const ref = this.lookupWrite(key)
    if (ref === 0) return this.entries.newString(key, this.announce(key), value, kind)
    const written = this.entries.setString(ref, value, kind)
    if (!keepTtl) this.entries.clearExpiry(written)
    return written
  }

  /**
   * INCR and its family in one look-up: adds to the 64-bit integer at key (0 when there is none), expiry kept, and returns
   * the sum, a bigint beyond 2^53. Throws wrongType, notInteger, overflow.
   */
  incrementBy(key: Bytes, delta: number | bigint): number | bigint {
    const ref = this.expect(this.lookupWrite(key), STRING)
    if (ref !== 0 && typeof delta === 'number') {
      const sum = this.entries.addInPlace(ref, delta)
      if (sum !== undefined) return sum
    }
    if (ref === 0) {
      this.entries.newInteger(key, this.announce(key), delta)
      return delta
    }
    const sum = addInt64(this.entries.string(ref), delta)
    this.entries.setInteger(ref, sum)
    return sum
  }

  /** Appends to the string at key, or makes it with `value`; returns the new length. In place where there is room. */
  appendString(key: Bytes, value: Bytes): number {
    const ref = this.expect(this.lookupWrite(key), STRING)
    const written =
      ref === 0
        ? this.entries.newString(key, this.announce(key), value, INLINE)
        : this.entries.append(ref, value)
    return this.entries.string(written).len
  }

  /**
   * Overwrites from `offset` on, with zero bytes before it as needed (SETRANGE); the key is made when there is none. Returns
   * the new length.
   */
  overwriteString(key: Bytes, offset: number, value: Bytes): number {
    const ref = this.expect(this.lookupWrite(key), STRING)
    const written =
      ref === 0
        ? this.entries.newString(key, this.announce(key), padded(offset, value), INLINE_RAW)
        : this.entries.overwrite(ref, offset, value)
    return this.entries.string(written).len
  }
}
