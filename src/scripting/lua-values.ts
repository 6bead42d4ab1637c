/**
 * JavaScript values as streams for the interpreter and back: see native/src/values.h. Tables are copied; functions are
 * passed by number, in both directions.
 */
import {
  TAG_ARRAY,
  TAG_FALSE,
  TAG_FUNCTION,
  TAG_LUA_FUNCTION,
  TAG_MAP,
  TAG_NIL,
  TAG_NUMBER,
  TAG_STRING,
  TAG_TRUE,
} from './abi.ts'

/** Nesting of values that are passed; deeper ones refer to themselves. */
const NESTING_MAX = 200
const FIRST_CAPACITY = 1024

/** Numbers for the functions that values contain. */
export interface FunctionNames {
  /** The number of a function of JavaScript's. */
  numberOf(value: (...args: never[]) => unknown): number
  /** The reference of a function of Lua's that was given out, -1 for any other. */
  referenceOf(value: unknown): number
  /** The function of Lua's with this reference. */
  functionOf(reference: number): unknown
}

export class ValueWriter {
  buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  length = 0
  private readonly names: FunctionNames

  constructor(names: FunctionNames) {
    this.names = names
  }

  reset(): this {
    this.length = 0
    return this
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length)
  }

  count(value: number): this {
    const at = this.take(4)
    this.buffer.writeUInt32LE(value, at)
    return this
  }

  raw(bytes: Uint8Array): this {
    const at = this.take(bytes.length)
    this.buffer.set(bytes, at)
    return this
  }

  value(value: unknown, depth = 0): this {
    if (depth > NESTING_MAX) throw new TypeError('the value is nested too deeply for Lua')
    switch (typeof value) {
      case 'undefined':
        return this.tag(TAG_NIL)
      case 'boolean':
        return this.tag(value ? TAG_TRUE : TAG_FALSE)
      case 'number':
        return this.number(value)
      case 'bigint':
        return this.number(Number(value))
      case 'string':
        return this.bytesOf(Buffer.from(value))
      case 'function':
        return this.function(value as (...args: never[]) => unknown)
      case 'object':
        return value === null ? this.tag(TAG_NIL) : this.object(value, depth)
      default:
        throw new TypeError(`a ${typeof value} has no meaning in Lua`)
    }
  }

  private object(value: object, depth: number): this {
    if (value instanceof Uint8Array) return this.bytesOf(value)
    if (Array.isArray(value)) {
      this.tag(TAG_ARRAY).count(value.length)
      for (const element of value) this.value(element, depth + 1)
      return this
    }
    const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
    const present = entries.filter(([key]) => key !== undefined && key !== null)
    this.tag(TAG_MAP).count(present.length)
    for (const [key, content] of present) this.value(key, depth + 1).value(content, depth + 1)
    return this
  }

  private function(value: (...args: never[]) => unknown): this {
    const reference = this.names.referenceOf(value)
    if (reference >= 0) return this.tag(TAG_LUA_FUNCTION).count(reference)
    return this.tag(TAG_FUNCTION).count(this.names.numberOf(value))
  }

  private number(value: number): this {
    this.tag(TAG_NUMBER)
    const at = this.take(8)
    this.buffer.writeDoubleLE(value, at)
    return this
  }

  private bytesOf(bytes: Uint8Array): this {
    return this.tag(TAG_STRING).count(bytes.length).raw(bytes)
  }

  private tag(tag: number): this {
    const at = this.take(1)
    this.buffer[at] = tag
    return this
  }

  /** Takes `size` bytes; says where they are. */
  private take(size: number): number {
    const at = this.length
    this.length += size
    if (this.length > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.length, this.buffer.length * 2))
      this.buffer.copy(grown, 0, 0, at)
      this.buffer = grown
    }
    return at
  }
}

export class ValueReader {
  private readonly heap: Buffer
  private readonly names: FunctionNames
  /** Whether strings are wanted as bytes. */
  private readonly isBinary: boolean
  private at = 0

  constructor(heap: Buffer, names: FunctionNames, isBinary: boolean) {
    this.heap = heap
    this.names = names
    this.isBinary = isBinary
  }

  /** The values of a stream that begins with their count. */
  readCounted(at: number): unknown[] {
    this.at = at
    return this.readMany(this.count())
  }

  read(at: number, count: number): unknown[] {
    this.at = at
    return this.readMany(count)
  }

  private readMany(count: number): unknown[] {
    const values: unknown[] = []
    for (let i = 0; i < count; i++) values.push(this.value())
    return values
  }

  private count(): number {
    const count = this.heap.readUInt32LE(this.at)
    this.at += 4
    return count
  }

  private value(): unknown {
    switch (this.heap[this.at++]) {
      case TAG_FALSE:
        return false
      case TAG_TRUE:
        return true
      case TAG_NUMBER:
        this.at += 8
        return this.heap.readDoubleLE(this.at - 8)
      case TAG_STRING:
        return this.string(this.count())
      case TAG_ARRAY:
        return this.readMany(this.count())
      case TAG_MAP:
        return this.map(this.count())
      case TAG_LUA_FUNCTION:
        return this.names.functionOf(this.count())
      default:
        return undefined
    }
  }

  private string(length: number): string | Buffer {
    const start = this.at
    this.at += length
    // A copy: the memory is Lua's.
    if (this.isBinary) return Buffer.from(this.heap.subarray(start, start + length))
    return this.heap.toString('utf8', start, start + length)
  }

  /** An object when all keys are strings or numbers, a Map otherwise. */
  private map(count: number): unknown {
    const entries: [unknown, unknown][] = []
    for (let i = 0; i < count; i++) entries.push([this.value(), this.value()])
    const isPlain = entries.every(
      ([key]) => typeof key === 'string' || typeof key === 'number' || Buffer.isBuffer(key),
    )
    if (!isPlain) return new Map(entries)
    const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const [key, value] of entries) object[String(key)] = value
    return object
  }
}
