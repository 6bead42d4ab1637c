/**
 * The slot a key belongs to: the CRC16 (XMODEM) of its bytes, or only of those between its first braces, so that clients
 * can keep keys together.
 */
import type { Bytes } from '../memory/bytes.ts'

export const SLOTS = 16384

const POLYNOMIAL = 0x1021
const BACKSLASH = 92
const OPEN = 123
const CLOSE = 125
/** `*`, `?` and `[`: what a pattern holds instead of certain bytes. */
const WILDCARDS = [42, 63, 91]

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL
  return crc
})

/** Of the bytes from `start` to `end`, cut to the number of slots. */
function slotOf(buf: Buffer, start: number, end: number): number {
  let crc = 0
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >>> 8) ^ buf[i]!]!
  return crc & (SLOTS - 1)
}

export function hashSlot({ buf, off, len }: Bytes): number {
  const end = off + len
  for (let open = off; open < end; open++) {
    if (buf[open] !== OPEN) continue
    for (let close = open + 1; close < end; close++) {
      if (buf[close] !== CLOSE) continue
      // Nothing between the braces: they are bytes like others.
      return close === open + 1 ? slotOf(buf, off, end) : slotOf(buf, open + 1, close)
    }
    break
  }
  return slotOf(buf, off, end)
}

/** The one slot that all keys matching a glob pattern belong to; -1 where they may belong to several. */
export function patternSlot({ buf, off, len }: Bytes): number {
  const end = off + len
  let open = -1
  let mayOpen = true
  for (let i = off; i < end; i++) {
    const byte = buf[i]!
    // An escaped byte is a certain one too, but what it stands for is not here to be hashed.
    if (byte === BACKSLASH || WILDCARDS.includes(byte)) return -1
    if (byte === OPEN && mayOpen) {
      open = i
      mayOpen = false
    } else if (byte === CLOSE && open >= 0) {
      if (i > open + 1) return slotOf(buf, open + 1, i)
      open = -1
    }
  }
  return slotOf(buf, off, end)
}
