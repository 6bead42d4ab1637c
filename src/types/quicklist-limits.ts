/**
 * What one listpack of a list may hold, by the directive list-max-listpack-size: from -1 on down a size in bytes, a positive
 * number that many elements. The same numbers, as Valkey has them, bound a small list and the nodes of a large one.
 */

/** For -1, -2 ... -5. */
const SIZES = [4096, 8192, 16_384, 32_768, 65_536] as const
/** Where elements are counted. */
const COUNTED_BYTES = 8192
/** Nodes count their elements in 16 bits. */
const MAX_FILL = 32_767

/** What a listpack has beside its entries. */
export const LISTPACK_OVERHEAD = 7
/** What an element is taken to need beside its bytes when a node is asked for room. */
export const ELEMENT_OVERHEAD = 8

export function maxNodeBytes(fill: number): number {
  return fill < 0 ? SIZES[Math.min(-fill, SIZES.length) - 1]! : COUNTED_BYTES
}

export function maxNodeCount(fill: number): number {
  return fill < 0 ? Infinity : Math.max(1, fill)
}

/** Whether a small list of so many bytes and elements has to become a large one. */
export function exceedsListpack(fill: number, bytes: number, count: number): boolean {
  return bytes > maxNodeBytes(fill) || count > maxNodeCount(fill)
}

/** Whether a large list of one node can be a small one. One that shrinks must be at half the limit, not to go to and fro. */
export function fitsListpack(fill: number, bytes: number, count: number, hasShrunk: boolean): boolean {
  const part = hasShrunk ? 2 : 1
  return fill < 0 ? bytes <= maxNodeBytes(fill) / part : count <= Math.floor(maxNodeCount(fill) / part)
}

export function clampFill(fill: number): number {
  return Math.min(fill, MAX_FILL)
}

let packedThreshold = 0

/** For tests: elements of this length or longer get nodes of their own, whatever the directive says; 0: none of that. */
export function setPackedThreshold(bytes: number): void {
  packedThreshold = bytes
}

/** Whether an element is too long to share a node with others. */
export function isLargeElement(length: number, maxBytes: number): boolean {
  return packedThreshold === 0 ? length > maxBytes : length >= packedThreshold
}
