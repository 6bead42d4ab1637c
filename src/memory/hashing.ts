/**
 * The hash of keys, fields and members: HalfSipHash with one round a word and two at the end, under a secret key of 64 bits
 * per process, so that clients cannot choose keys that collide. Tables take their bucket from its top bits.
 */
import type { Bytes } from './bytes.ts'
import { viewOf } from './views.ts'

const FINAL_ROUNDS = 2

const secret = globalThis.crypto.getRandomValues(new Int32Array(2))
let key0 = secret[0]!
let key1 = secret[1]!

/** For tests that need the same order each time. */
export function setHashSeed(value: number): void {
  key0 = value | 0
  key1 = ~value
}

/**
 * Hashes computed ahead, of keys that a batch of commands will ask for: by the place where a key lies in the batch's
 * buffer. Good as long as nobody writes to the buffer.
 */
export const AHEAD = 16
const aheadOffsets = new Int32Array(AHEAD)
const aheadHashes = new Int32Array(AHEAD)
let aheadBuffer: Buffer | null = null
let aheadCount = 0
let aheadNext = 0

/** As hashOf, and the next one to ask for the same key gets this answer. Keys must be asked for in the order given. */
export function hashAhead(key: Bytes, isFirst: boolean): number {
  const hash = computeHash(key)
  if (isFirst || key.buf !== aheadBuffer) {
    aheadBuffer = key.buf
    aheadCount = 0
    aheadNext = 0
  }
  if (aheadCount < AHEAD) {
    aheadOffsets[aheadCount] = key.off
    aheadHashes[aheadCount++] = hash
  }
  return hash
}

/** The buffer that hashes were computed ahead for may change. */
export function forgetHashes(): void {
  aheadBuffer = null
}

export function hashOf(key: Bytes): number {
  if (key.buf === aheadBuffer && aheadNext < aheadCount && aheadOffsets[aheadNext] === key.off) {
    return aheadHashes[aheadNext++]!
  }
  return computeHash(key)
}

/** 32 bits, signed. The round is written out twice because calls and branches would double the time of short keys. */
function computeHash(bytes: Bytes): number {
  const b = bytes.buf
  const n = bytes.len
  let i = bytes.off
  const words = i + (n & ~3)
  const end = i + n
  let v0 = key0
  let v1 = key1
  let v2 = key0 ^ 0x6c796765
  let v3 = key1 ^ 0x74656462
  const view = viewOf(b)
  for (; i < words; i += 4) {
    const word = view.getInt32(i, true)
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
  }
  let rest = n << 24
  for (let shift = 0; i < end; i++, shift += 8) rest |= b[i]! << shift
  v3 ^= rest
  for (let round = 0; round <= FINAL_ROUNDS; round++) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    if (round === 0) {
      v0 ^= rest
      v2 ^= 0xff
    }
  }
  return v1 ^ v3
}
