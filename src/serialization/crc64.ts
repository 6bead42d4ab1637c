/**
 * The checksum behind a serialized value: CRC-64 with the polynomial of Jones, bits reflected, as Valkey computes it. The
 * 64 bits are kept as two halves of 32, for which JavaScript has fast operations.
 */

/** The polynomial, reflected. */
const POLYNOMIAL_LOW = 0xac4bc9b5
const POLYNOMIAL_HIGH = 0x95ac9329

const LOW = new Uint32Array(256)
const HIGH = new Uint32Array(256)

for (let i = 0; i < 256; i++) {
  let low = i
  let high = 0
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (carry === 1) {
      low ^= POLYNOMIAL_LOW
      high ^= POLYNOMIAL_HIGH
    }
  }
  LOW[i] = low
  HIGH[i] = high
}

export const CRC64_BYTES = 8

/** Writes the checksum of bytes from..to at `at`, little-endian. */
export function putCrc64(source: Buffer, from: number, to: number, target: Buffer, at: number): void {
  let low = 0
  let high = 0
  for (let p = from; p < to; p++) {
    const i = (low ^ source[p]!) & 255
    low = ((low >>> 8) | (high << 24)) ^ LOW[i]!
    high = (high >>> 8) ^ HIGH[i]!
  }
  target.writeUInt32LE(low >>> 0, at)
  target.writeUInt32LE(high >>> 0, at + 4)
}
