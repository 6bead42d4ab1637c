/**
 * A place for the bytes that a command takes out of a collection and still needs when the collection has changed.
 */
import { Bytes } from '../memory/bytes.ts'
import { copyBytes } from '../memory/copy.ts'

/** Longer bytes get memory of their own, so that one large element does not stay allocated for good. */
const KEPT_MAX = 16 * 1024
const kept = Buffer.allocUnsafeSlow(KEPT_MAX)
const view = new Bytes()

/** A copy of the bytes, valid until the next call. */
export function hold(b: Bytes): Bytes {
  if (b.len > KEPT_MAX) return b.detach()
  copyBytes(kept, 0, b.buf, b.off, b.len)
  return view.set(kept, 0, b.len)
}
