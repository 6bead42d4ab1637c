/**
 * The reply of a command, as it lies in the interpreter's memory for the script (lua-reply.ts), in words for the user of the
 * debugger.
 */
import { formatDouble } from '../../memory/numbers.ts'
import {
  IO_LENGTH,
  IO_NUMBER,
  IO_PROTOCOL,
  IO_REPLY,
  RESULT_OK,
  RESULT_STREAM,
  TAG_ARRAY,
  TAG_DOUBLE,
  TAG_ERROR,
  TAG_FALSE,
  TAG_MAP,
  TAG_NIL,
  TAG_NUMBER,
  TAG_SET,
  TAG_STATUS,
  TAG_STRING,
  TAG_TRUE,
} from '../abi.ts'
import type { Interpreter } from '../interpreter.ts'
import { quoted } from './quoted.ts'

/** `result` is what the call of the command answered. */
export function replyText(interpreter: Interpreter, result: number): string {
  if (result === RESULT_OK) return quoted('+OK')
  const { heap, io } = interpreter
  const reply = interpreter.get(IO_REPLY)
  const isNewProtocol = interpreter.get(IO_PROTOCOL) === 3
  if (result === RESULT_STREAM) return new StreamText(heap, reply, isNewProtocol).value()
  if (result === TAG_NUMBER || result === TAG_DOUBLE)
    return numberText(result, heap.readDoubleLE(io + IO_NUMBER))
  const bytes = bytesText(result, () => heap.latin1Slice(reply, reply + interpreter.get(IO_LENGTH)))
  return bytes ?? constantText(result, isNewProtocol)
}

function numberText(tag: number, value: number): string {
  return tag === TAG_NUMBER ? BigInt(value).toString() : `(double) ${formatDouble(value)}`
}

function constantText(tag: number, isNewProtocol: boolean): string {
  if (tag === TAG_NIL) return '(null)'
  if (tag === TAG_TRUE) return '#true'
  if (tag === TAG_FALSE) return isNewProtocol ? '#false' : 'NULL'
  return ''
}

function bytesText(tag: number, bytes: () => string): string | undefined {
  if (tag === TAG_STRING) return quoted(bytes())
  if (tag === TAG_STATUS) return quoted(`+${bytes()}`)
  return tag === TAG_ERROR ? quoted(`-${bytes()}`) : undefined
}

class StreamText {
  private readonly heap: Buffer
  private at: number
  private readonly isNewProtocol: boolean
  /** Valkey's debugger knows no verbatim strings and big numbers: it shows nothing of them, nor of what follows. */
  private isLost = false

  constructor(heap: Buffer, at: number, isNewProtocol: boolean) {
    this.heap = heap
    this.at = at
    this.isNewProtocol = isNewProtocol
  }

  value(): string {
    if (this.isLost) return ''
    const tag = this.heap[this.at++]!
    switch (tag) {
      case TAG_ARRAY:
        return `[${this.values()}]`
      case TAG_SET:
        return `~(${this.values()})`
      case TAG_MAP:
        return `{${this.pairs()}}`
      case TAG_NUMBER:
      case TAG_DOUBLE:
        this.at += 8
        return numberText(tag, this.heap.readDoubleLE(this.at - 8))
      case TAG_STRING:
      case TAG_STATUS:
      case TAG_ERROR:
        return bytesText(tag, () => this.bytes())!
      case TAG_NIL:
      case TAG_TRUE:
      case TAG_FALSE:
        return constantText(tag, this.isNewProtocol)
      default:
        this.isLost = true
        return ''
    }
  }

  private values(): string {
    return Array.from({ length: this.count() }, () => this.value()).join(',')
  }

  private pairs(): string {
    return Array.from({ length: this.count() }, () => `${this.value()} => ${this.value()}`).join(',')
  }

  private count(): number {
    this.at += 4
    return this.heap.readUInt32LE(this.at - 4)
  }

  private bytes(): string {
    const length = this.count()
    this.at += length
    return this.heap.latin1Slice(this.at - length, this.at)
  }
}
