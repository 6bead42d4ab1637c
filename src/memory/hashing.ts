/**
 * The hash of keys, fields and members. Tables take their bucket from its top bits, so these must be good; a secret seed
 * per process keeps clients from choosing keys that collide.
 */
import type { Bytes } from './bytes.ts'

const seed = globalThis.crypto.getRandomValues(new Int32Array(1))
let secret = seed[0]!

/** For tests that need the same order each time. */
export function setHashSeed(value: number): void {
  secret = value | 0
}

/** 32 bits, signed. */
export function hashOf(key: Bytes): number {
  const b = key.buf
  const n = key.len
  let i = key.off
  const words = i + (n & ~3)
  const end = i + n
  let h = secret ^ Math.imul(n, 0x9e3779b1)
  for (; i < words; i += 4) {
    const w = b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24)
    h = Math.imul(h ^ w, 0x9e3779b1)
    h ^= h >>> 15
  }
  for (; i < end; i++) h = Math.imul(h ^ b[i]!, 0x01000193)
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
