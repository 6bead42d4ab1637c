/**
 * DataViews of buffers: reading or writing four bytes at once takes a fraction of the time of one by one, but a view must be
 * had, and making one costs more than it saves. Nearly all bytes lie in few buffers, whose views are kept: keys in the two
 * that were asked for last (the one that sockets are read into, and the memory of the script interpreter), and what is
 * copied there, in the replies and in the arena's segments.
 */

/** Larger buffers are not kept alive, but for shared ones, the interpreter's, and those that `mayKeep` names. */
const KEPT_BYTES = 1024 * 1024

/** One in so many copies that find no view makes one. */
const MISSES_PER_VIEW = 64

const NOTHING: Buffer = Buffer.alloc(0)
const NO_VIEW = makeView(NOTHING)

/** The two that were asked for last. */
let firstBuffer = NOTHING
let firstView = NO_VIEW
let secondBuffer = NOTHING
let secondView = NO_VIEW

/** Buffers that are copied from or to. Variables, as an array would be read with checks. */
let copiedA = NOTHING
let viewA = NO_VIEW
let copiedB = NOTHING
let viewB = NO_VIEW
let copiedC = NOTHING
let viewC = NO_VIEW
let misses = 0

const named = new WeakSet<Buffer>()

function makeView(buf: Buffer): DataView {
  return new DataView(buf.buffer, buf.byteOffset, buf.length)
}

/** The view of all of a buffer's bytes. */
export function viewOf(buf: Buffer): DataView {
  if (buf === firstBuffer) return firstView
  if (buf === secondBuffer) return secondView
  return remember(buf)
}

function remember(buf: Buffer): DataView {
  const view = makeView(buf)
  if (!isKept(buf)) return view
  secondBuffer = firstBuffer
  secondView = firstView
  firstBuffer = buf
  firstView = view
  return view
}

/** The view of a buffer that is often copied from or to; null: copy it byte by byte. */
export function copyingView(buf: Buffer): DataView | null {
  if (buf === firstBuffer) return firstView
  if (buf === copiedA) return viewA
  if (buf === secondBuffer) return secondView
  if (buf === copiedB) return viewB
  if (buf === copiedC) return viewC
  return missed(buf)
}

function missed(buf: Buffer): DataView | null {
  if (++misses % MISSES_PER_VIEW !== 0 || !isKept(buf)) return null
  copiedC = copiedB
  viewC = viewB
  copiedB = copiedA
  viewB = viewA
  copiedA = buf
  viewA = makeView(buf)
  return viewA
}

function isKept(buf: Buffer): boolean {
  return buf.length <= KEPT_BYTES || !(buf.buffer instanceof ArrayBuffer) || named.has(buf)
}

/** The view of a large buffer may be kept, until `dropView`. */
export function mayKeepView(buf: Buffer): void {
  named.add(buf)
}

/** The buffer is given back. */
export function dropView(buf: Buffer): void {
  named.delete(buf)
  if (buf === firstBuffer) {
    firstBuffer = NOTHING
    firstView = NO_VIEW
  }
  if (buf === secondBuffer) {
    secondBuffer = NOTHING
    secondView = NO_VIEW
  }
  if (buf === copiedA) {
    copiedA = NOTHING
    viewA = NO_VIEW
  }
  if (buf === copiedB) {
    copiedB = NOTHING
    viewB = NO_VIEW
  }
  if (buf === copiedC) {
    copiedC = NOTHING
    viewC = NO_VIEW
  }
}
