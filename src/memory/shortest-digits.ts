/**
 * The digits of a double, few enough and yet enough to read it back: those Valkey's fpconv finds. It uses Grisu2 (Florian
 * Loitsch, "Printing floating-point numbers quickly and accurately with integers", 2010), which works with 64 bits and so,
 * rarely, gives a digit more than need be or the other of two choices that are equally near; JavaScript would not. Numbers
 * of 64 bits are here two of 32, `High` and `Low`.
 */
const WORD = 2 ** 32
const ZERO = 48
/** So much at most comes out. */
const MAX_DIGITS = 18
const FRACTION_BITS = 52
/** Of the upper word of a double: the bit before its fraction, which is not stored. */
const HIDDEN_BIT = 2 ** (FRACTION_BITS - 32)
/** A normal number's fraction is shifted by so much to fill 64 bits. */
const NORMAL_SHIFT = 11
/** The exponent of 2 that belongs to the biased exponent 0 with the fraction as an integer. */
const EXPONENT_BIAS = 1075

/** Cached powers of ten: 10^-348, 10^-340 ... 10^340, as 64 bits times a power of two. */
const FIRST_POWER = -348
const POWER_STEP = 8
const POWERS = 87
/** What a scaled number's exponent of two is to be between: its integral part then has 4 to 32 bits. */
const SCALED_EXPONENT_MIN = -60
const SCALED_EXPONENT_MAX = -32
const LOG10_OF_2 = 0.30102999566398114

const powerHigh = new Uint32Array(POWERS)
const powerLow = new Uint32Array(POWERS)
const powerExponent = new Int32Array(POWERS)
for (let i = 0; i < POWERS; i++) cachePower(i, FIRST_POWER + i * POWER_STEP)

const units = Float64Array.from({ length: 10 }, (_, i) => 10 ** i)

/** The digits found last, as ASCII, and the power of ten that belongs to the last of them. */
const digits = Buffer.alloc(MAX_DIGITS)
let scale = 0

/** Results of `multiply`. */
let productHigh = 0
let productLow = 0

const float = new Float64Array(1)
const floatWords = new Uint32Array(float.buffer)

function cachePower(index: number, exponent: number): void {
  const power = 10n ** BigInt(Math.abs(exponent))
  const bits = power.toString(2).length
  const shift = exponent >= 0 ? bits - 64 : -bits - 63
  // Twice what is wanted, to be rounded.
  const doubled =
    exponent < 0
      ? (1n << BigInt(1 - shift)) / power
      : shift > 0
        ? power >> BigInt(shift - 1)
        : power << BigInt(1 - shift)
  const significand = (doubled + 1n) >> 1n
  powerHigh[index] = Number(significand >> 32n)
  powerLow[index] = Number(significand & 0xffffffffn)
  powerExponent[index] = shift
}

/** The digits of a finite number other than 0, whatever its sign: the number is about their integer times 10^lastScale(). */
export function shortestDigits(value: number): string {
  return digits.latin1Slice(0, findDigits(value))
}

/** The power of ten of the last digit of the number before. */
export function lastScale(): number {
  return scale
}

/** Puts the digits into `digits` and returns how many there are. */
function findDigits(value: number): number {
  float[0] = value
  let low = floatWords[0]!
  let high = floatWords[1]! & (HIDDEN_BIT - 1)
  const biased = (floatWords[1]! >>> 20) & 0x7ff
  // Below a power of two, the next number is only half as far away.
  const isPowerOfTwo = biased !== 0 && high === 0 && low === 0
  if (biased !== 0) high |= HIDDEN_BIT
  const shift = high !== 0 ? Math.clz32(high) : 32 + Math.clz32(low)
  if (shift < 32) {
    high = ((high << shift) | (low >>> (32 - shift))) >>> 0
    low = (low << shift) >>> 0
  } else {
    high = (low << (shift - 32)) >>> 0
    low = 0
  }
  const exponent = (biased === 0 ? 1 : biased) - EXPONENT_BIAS - shift
  const index = powerFor(exponent)
  const powHigh = powerHigh[index]!
  const powLow = powerLow[index]!
  // Half the way to the neighbours: whatever lies between reads back as this number.
  const aboveHigh = shift > 32 ? 2 ** (shift - 33) : 0
  const aboveLow = shift > 32 ? 0 : 2 ** (shift - 1)
  const belowHigh = isPowerOfTwo ? 0 : aboveHigh
  const belowLow = isPowerOfTwo ? 2 ** (NORMAL_SHIFT - 2) : aboveLow
  const upperLow = low + aboveLow
  multiply(high + aboveHigh + (upperLow >= WORD ? 1 : 0), upperLow >>> 0, powHigh, powLow)
  // One less, and below one more, as the products may be wrong by so much.
  const topLow = productLow === 0 ? WORD - 1 : productLow - 1
  const topHigh = productLow === 0 ? productHigh - 1 : productHigh
  const lowerLow = low - belowLow
  multiply(high - belowHigh - (lowerLow < 0 ? 1 : 0), lowerLow >>> 0, powHigh, powLow)
  const widthLow = topLow - productLow - 1
  const widthHigh = topHigh - productHigh - (widthLow < 0 ? 1 : 0)
  multiply(high, low, powHigh, powLow)
  const distanceLow = topLow - productLow
  const distanceHigh = topHigh - productHigh - (distanceLow < 0 ? 1 : 0)
  scale = -(FIRST_POWER + index * POWER_STEP)
  const bits = -(exponent + powerExponent[index]! + 64)
  return generate(topHigh, topLow, widthHigh, widthLow >>> 0, distanceHigh, distanceLow >>> 0, bits - 32)
}

/** The cached power that scales a number with this exponent of two into the range wanted. */
function powerFor(exponent: number): number {
  const estimate = Math.trunc(-(exponent + POWERS) * LOG10_OF_2)
  let index = Math.trunc((estimate - FIRST_POWER) / POWER_STEP)
  for (;;) {
    const scaled = exponent + powerExponent[index]! + 64
    if (scaled < SCALED_EXPONENT_MIN) index++
    else if (scaled > SCALED_EXPONENT_MAX) index--
    else return index
  }
}

/**
 * Takes digits from the top of the range until what is left of it is less than its width, and then lowers the last digit
 * while that brings it nearer to the number, which lies `distance` below the top. The point is `pointBits` bits into the
 * upper word.
 */
function generate(
  topHigh: number,
  topLow: number,
  widthHigh: number,
  widthLow: number,
  distanceHigh: number,
  distanceLow: number,
  pointBits: number,
): number {
  const one = 2 ** pointBits
  let count = 0
  let integral = topHigh >>> pointBits
  let high = topHigh - integral * one
  let low = topLow
  for (let place = 9; place >= 0; place--) {
    const unit = units[place]!
    const digit = Math.floor(integral / unit)
    if (digit !== 0 || count !== 0) digits[count++] = ZERO + digit
    integral -= digit * unit
    const rest = integral * one + high
    if (compare(rest, low, widthHigh, widthLow) <= 0) {
      scale += place
      round(count - 1, rest, low, widthHigh, widthLow, unit * one, distanceHigh, distanceLow)
      return count
    }
  }
  for (;;) {
    scale--
    low *= 10
    high = high * 10 + Math.floor(low / WORD)
    low >>>= 0
    widthLow *= 10
    widthHigh = (widthHigh * 10 + Math.floor(widthLow / WORD)) >>> 0
    widthLow >>>= 0
    distanceLow *= 10
    distanceHigh = (distanceHigh * 10 + Math.floor(distanceLow / WORD)) >>> 0
    distanceLow >>>= 0
    const digit = high >>> pointBits
    if (digit !== 0 || count !== 0) digits[count++] = ZERO + digit
    high -= digit * one
    if (compare(high, low, widthHigh, widthLow) < 0) {
      round(count - 1, high, low, widthHigh, widthLow, one, distanceHigh, distanceLow)
      return count
    }
  }
}

/** Lowers a digit, each time by `unitHigh` in the upper word, while the number is nearer then and still in the range. */
function round(
  place: number,
  restHigh: number,
  low: number,
  widthHigh: number,
  widthLow: number,
  unitHigh: number,
  distanceHigh: number,
  distanceLow: number,
): void {
  for (;;) {
    const next = restHigh + unitHigh
    if (compare(restHigh, low, distanceHigh, distanceLow) >= 0) return
    if (compare(next, low, widthHigh, widthLow) > 0) return
    if (compare(next, low, distanceHigh, distanceLow) >= 0) {
      // Beyond it: only when that is nearer, which is twice the distance against the sum of both.
      const twiceLow = 2 * distanceLow
      const sumLow = 2 * low
      const twiceHigh = 2 * distanceHigh + (twiceLow >= WORD ? 1 : 0)
      const sumHigh = restHigh + next + (sumLow >= WORD ? 1 : 0)
      if (compare(twiceHigh, twiceLow >>> 0, sumHigh, sumLow >>> 0) <= 0) return
    }
    digits[place]!--
    restHigh = next
  }
}

/** Negative, 0 or positive as the first number of two words is less than, equal to or more than the second. */
function compare(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  return aHigh !== bHigh ? aHigh - bHigh : aLow - bLow
}

/** The upper word of a product of numbers below 2^32, of which the lower one is known. */
function upperWord(a: number, b: number, low: number): number {
  // The product as a double is off by 2^11 at most.
  return Math.round((a * b - low) / WORD)
}

/** The upper 64 bits of the product of 64-bit numbers, rounded. */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const low = Math.imul(aLow, bLow) >>> 0
  const cross1 = Math.imul(aHigh, bLow) >>> 0
  const cross2 = Math.imul(aLow, bHigh) >>> 0
  const high = Math.imul(aHigh, bHigh) >>> 0
  const middle = cross1 + cross2 + upperWord(aLow, bLow, low) + WORD / 2
  const carried = upperWord(aHigh, bLow, cross1) + upperWord(aLow, bHigh, cross2) + Math.floor(middle / WORD)
  const sum = high + carried
  productLow = sum >>> 0
  productHigh = upperWord(aHigh, bHigh, high) + Math.floor(sum / WORD)
}
