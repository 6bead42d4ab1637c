/**
 * DataViews of buffers: reading four bytes of a key at once takes half the time of reading them one by one, but a view must
 * be had, and making one costs more than it saves. Keys come from two buffers nearly always, the one that sockets are read
 * into and the memory of the script interpreter: the last two that were asked for are kept.
 */

/** Larger buffers are not kept alive, but for shared ones: those are the interpreter's. */
const KEPT_BYTES = 1024 * 1024

const NOTHING: Buffer = Buffer.alloc(0)

let firstBuffer = NOTHING
let firstView = makeView(NOTHING)
let secondBuffer = NOTHING
let secondView = firstView

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
  if (buf.length > KEPT_BYTES && buf.buffer instanceof ArrayBuffer) return view
  secondBuffer = firstBuffer
  secondView = firstView
  firstBuffer = buf
  firstView = view
  return view
}
