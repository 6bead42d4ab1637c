/**
 * How a dictionary's record begins, behind the bytes of its owner:
 *
 *     u16 key length | u16 value length | key | value
 *
 * Where either length does not fit, the key length is WIDE, the next two bytes mean nothing, and both follow as u32.
 */
export const WIDE = 0xffff
export const NARROW_BYTES = 4
/** The lengths as one word, which lies at a multiple of 4: the key's is in the lower half. */
export const LENGTH_MASK = 0xffff
export const VALUE_LENGTH_SHIFT = 16
const WIDE_BYTES = 12

/** Bytes that the lengths take. */
export function lengthsSize(keyLength: number, valueLength: number): number {
  return keyLength >= WIDE || valueLength > 0xffff ? WIDE_BYTES : NARROW_BYTES
}

/** Writes the lengths at p; returns where the key begins. */
export function putLengths(m: Buffer, p: number, keyLength: number, valueLength: number): number {
  if (lengthsSize(keyLength, valueLength) === NARROW_BYTES) {
    m[p] = keyLength
    m[p + 1] = keyLength >> 8
    m[p + 2] = valueLength
    m[p + 3] = valueLength >> 8
    return p + NARROW_BYTES
  }
  m.writeUInt32LE(WIDE, p)
  m.writeUInt32LE(keyLength, p + 4)
  m.writeUInt32LE(valueLength, p + 8)
  return p + WIDE_BYTES
}

/** The key's length in a narrow record, WIDE in a wide one. */
export function narrowKeyLength(m: Buffer, p: number): number {
  return m[p]! | (m[p + 1]! << 8)
}

export function keyStart(m: Buffer, p: number): number {
  return narrowKeyLength(m, p) === WIDE ? p + WIDE_BYTES : p + NARROW_BYTES
}

export function keyLength(m: Buffer, p: number): number {
  const n = narrowKeyLength(m, p)
  return n === WIDE ? m.readUInt32LE(p + 4) : n
}

export function valueLength(m: Buffer, p: number): number {
  return narrowKeyLength(m, p) === WIDE ? m.readUInt32LE(p + 8) : m[p + 2]! | (m[p + 3]! << 8)
}
