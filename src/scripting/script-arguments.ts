/**
 * Brings a script's keys and arguments into the interpreter: a table of (offset, length) and behind it the bytes. The
 * arguments of a request lie together in one buffer, so that they are copied at once, with what is between them.
 */
import type { Args } from '../memory/args.ts'
import { copyBytes } from '../memory/copy.ts'
import type { Interpreter } from './interpreter.ts'

/** Bytes of a table entry. */
const PAIR = 8
/** Bytes between two arguments of a request: line breaks and the length of the next. */
const GAP_MAX = 32

/** Writes the arguments from `first` on; returns the bytes of input used. */
export function writeArguments(interpreter: Interpreter, args: Args, first: number): number {
  const count = args.count - first
  if (count === 0) {
    interpreter.argumentBytes = 0
    return 0
  }
  const table = count * PAIR
  const start = args.at(first)
  const buf = start.buf
  const low = start.off
  let end = low
  let bytes = 0
  let isTogether = true
  for (let i = first; i < args.count; i++) {
    const arg = args.at(i)
    bytes += arg.len
    if (arg.buf !== buf || arg.off < end || arg.off - end > GAP_MAX) isTogether = false
    end = arg.off + arg.len
  }
  interpreter.argumentBytes = bytes
  const size = table + (isTogether ? end - low : bytes)
  const at = interpreter.input(size)
  const words = interpreter.words
  if (!isTogether) {
    copyOneByOne(interpreter, args, first, at)
    return size
  }
  copyBytes(interpreter.heap, at + table, buf, low, end - low)
  const shift = table - low
  for (let i = first, w = at >> 2; i < args.count; i++, w += 2) {
    const arg = args.at(i)
    words[w] = arg.off + shift
    words[w + 1] = arg.len
  }
  return size
}

function copyOneByOne(interpreter: Interpreter, args: Args, first: number, at: number): void {
  const { heap, words } = interpreter
  let offset = (args.count - first) * PAIR
  for (let i = first, w = at >> 2; i < args.count; i++, w += 2) {
    const arg = args.at(i)
    words[w] = offset
    words[w + 1] = arg.len
    copyBytes(heap, at + offset, arg.buf, arg.off, arg.len)
    offset += arg.len
  }
}
