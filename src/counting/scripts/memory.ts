/**
 * The memory that the engine's thread and the metrics thread share about scripts: which one runs, a row for each
 * (record.ts), what of it is accounted for elsewhere (rest.ts), and names.
 *
 * The engine's thread alone writes, and asks nobody. Each row has a generation (generation.ts), which tells whoever reads it
 * that it changes hands, or its label. Figures of a record may be read between two additions of the script
 * that runs: each only grows.
 */
import { createHash } from 'node:crypto'
import { change, whole } from '../generation.ts'
import {
  CALLS,
  COUNTERS,
  COUNTERS_END,
  ERROR_CODES_MAX,
  INDEX,
  KIND,
  MICROSECONDS,
  RECORD_SLOTS,
  type ScriptRecord,
  SERIAL,
  STARTED,
  STATE,
} from './record.ts'

/** Scripts and functions that are counted apart; what goes beyond is counted together. */
export const MAX_SCRIPT_RECORDS = 4096

/** The record of all that have none of their own any more. */
export const OTHER = 0
/** The row that the metrics show for all without a label: see rest.ts. */
export const REST = MAX_SCRIPT_RECORDS + 1
const ROWS = REST + 1

/** Bytes of an id (a SHA, or library and function; see `keptId`), of a name in UTF-8 and of an error code; longer ones are cut. */
const ID_BYTES = 127
const NAME_BYTES = 63
const CODE_BYTES = 31
const TEXT_BYTES = 2 + ID_BYTES + NAME_BYTES
/** The place of the text that says which script runs that has no record. */
const RUNNING_OTHER = ROWS

/** What the error codes without a number are called. */
const OTHER_CODES = 'other'

const HASH_DIGITS = 16
/** Digits of a SHA that a label has. */
export const LABEL_DIGITS = 12

/** An id as it is kept: of one that is too long the beginning and a hash of the whole, as others may begin alike. */
export function keptId(id: string): string {
  if (id.length <= ID_BYTES) return id
  const hash = createHash('sha1').update(id).digest('hex').slice(0, HASH_DIGITS)
  return `${id.slice(0, ID_BYTES - HASH_DIGITS - 1)}~${hash}`
}

/** What a label calls a script. */
export function labelOf(id: string): string {
  return /^[0-9a-f]{40}$/.test(id) ? id.slice(0, LABEL_DIGITS) : id
}

/** Words of the header. */
/** The index of the running script's record with RUNNING_BIT, and WROTE_BIT when it has called a command that writes; or 0. */
const RUNNING = 0
/** Records that were ever used, from the first on. */
const USED = 1
const CODES = 2
/** How often all figures were set back. */
const RESETS = 3
const HEADER_WORDS = 4

const RUNNING_BIT = 1 << 30
const WROTE_BIT = 1 << 29

export class ScriptMemory {
  readonly buffer: SharedArrayBuffer
  private readonly header: Int32Array
  private readonly generations: Int32Array
  private readonly records: Float64Array
  private readonly accountedParts: Float64Array
  private readonly texts: Buffer
  private readonly codes: Buffer
  private serial = 0

  constructor(buffer?: SharedArrayBuffer) {
    const countersSize = COUNTERS_END - COUNTERS
    const generationsAt = HEADER_WORDS * 4
    const recordsAt = generationsAt + ROWS * 4
    const accountedAt = recordsAt + ROWS * RECORD_SLOTS * 8
    const textsAt = accountedAt + ROWS * countersSize * 8
    const textsSize = (RUNNING_OTHER + 1) * TEXT_BYTES
    const codesAt = textsAt + textsSize
    this.buffer = buffer ?? new SharedArrayBuffer(codesAt + ERROR_CODES_MAX * (CODE_BYTES + 1))
    this.header = new Int32Array(this.buffer, 0, HEADER_WORDS)
    this.generations = new Int32Array(this.buffer, generationsAt, ROWS)
    this.records = new Float64Array(this.buffer, recordsAt, ROWS * RECORD_SLOTS)
    this.accountedParts = new Float64Array(this.buffer, accountedAt, ROWS * countersSize)
    this.texts = Buffer.from(this.buffer, textsAt, textsSize)
    this.codes = Buffer.from(this.buffer, codesAt)
  }

  record(index: number): ScriptRecord {
    const start = index * RECORD_SLOTS
    return this.records.subarray(start, start + RECORD_SLOTS)
  }

  /** What of a record's counters, from COUNTERS on, is not to be seen under the label it has now. */
  accounted(index: number): Float64Array {
    const size = COUNTERS_END - COUNTERS
    return this.accountedParts.subarray(index * size, (index + 1) * size)
  }

  // ---- written by the engine's thread

  /** All changes of a row but additions: its readers see what was before, or what is after. */
  change(index: number, make: () => void): void {
    change(this.generations, index, make)
  }

  begin(index: number): void {
    this.header[RUNNING] = index | RUNNING_BIT
  }

  /** A script that has no record of its own is about to begin. */
  nameOther(id: string): void {
    this.change(OTHER, () => this.writeText(RUNNING_OTHER, id, ''))
  }

  noteWrite(): void {
    this.header[RUNNING]! |= WROTE_BIT
  }

  end(): void {
    this.header[RUNNING] = 0
  }

  /** Makes a free record one of a script. */
  occupy(index: number, kind: number, state: number, id: string, name: string): ScriptRecord {
    const record = this.record(index)
    this.change(index, () => {
      record.fill(0)
      this.accounted(index).fill(0)
      record[INDEX] = index
      record[KIND] = kind
      record[SERIAL] = ++this.serial
      this.writeText(index, id, name)
      record[STATE] = state
    })
    if (index <= MAX_SCRIPT_RECORDS && index >= this.used) Atomics.store(this.header, USED, index + 1)
    return record
  }

  private writeText(index: number, id: string, name: string): void {
    const text = this.texts.subarray(index * TEXT_BYTES, (index + 1) * TEXT_BYTES)
    text[0] = put(text.subarray(2, 2 + ID_BYTES), id)
    text[1] = put(text.subarray(2 + ID_BYTES), name, 'utf8')
  }

  /** The number of an error code, which gets one if there is one left; 0 stands for others, and for one of their name. */
  codeNumber(code: string): number {
    const known = this.header[CODES]!
    for (let i = 0; i <= known; i++) if (this.code(i) === code) return i
    if (known + 1 >= ERROR_CODES_MAX || code.length > CODE_BYTES) return 0
    const place = this.codes.subarray((known + 1) * (CODE_BYTES + 1), (known + 2) * (CODE_BYTES + 1))
    place[0] = put(place.subarray(1), code)
    // Then it is seen, and its text with it.
    Atomics.store(this.header, CODES, known + 1)
    return known + 1
  }

  noteReset(): void {
    this.header[RESETS]!++
  }

  // ---- read by any

  /** What `read` finds in a row that nobody changes meanwhile; it may be called several times. */
  whole<T>(index: number, read: () => T): T {
    return whole(this.generations, index, read)
  }

  get used(): number {
    return Atomics.load(this.header, USED)
  }

  get resets(): number {
    return this.header[RESETS]!
  }

  /** The script that runs now, if one does. */
  get running(): { readonly index: number; readonly wrote: boolean } | undefined {
    const word = Atomics.load(this.header, RUNNING)
    if (word === 0) return undefined
    return { index: word & ~(RUNNING_BIT | WROTE_BIT), wrote: (word & WROTE_BIT) !== 0 }
  }

  /** Of the script that runs, or ran last; one without a record is no less to be known by who must end it. */
  runningId(index: number): string {
    return this.id(index === OTHER ? RUNNING_OTHER : index)
  }

  id(index: number): string {
    const at = index * TEXT_BYTES + 2
    return this.texts.latin1Slice(at, at + this.texts[index * TEXT_BYTES]!)
  }

  name(index: number): string {
    const at = index * TEXT_BYTES + 2 + ID_BYTES
    return this.texts.toString('utf8', at, at + this.texts[index * TEXT_BYTES + 1]!)
  }

  code(number: number): string {
    if (number === 0) return OTHER_CODES
    const at = number * (CODE_BYTES + 1)
    return this.codes.latin1Slice(at + 1, at + 1 + this.codes[at]!)
  }

  /** The codes that have numbers, by number. */
  get codeNames(): readonly string[] {
    return Array.from({ length: Atomics.load(this.header, CODES) + 1 }, (_, i) => this.code(i))
  }

  state(index: number): number {
    return this.records[index * RECORD_SLOTS + STATE]!
  }

  started(index: number): number {
    return this.records[index * RECORD_SLOTS + STARTED]!
  }

  /** Whether a record holds more than is accounted for. The time of a run may be noted after the run. */
  hasGained(index: number): boolean {
    const { records, accountedParts } = this
    const record = index * RECORD_SLOTS
    const accounted = index * (COUNTERS_END - COUNTERS) - COUNTERS
    return (
      records[record + CALLS] !== accountedParts[accounted + CALLS] ||
      records[record + MICROSECONDS] !== accountedParts[accounted + MICROSECONDS]
    )
  }
}

function put(place: Uint8Array, text: string, encoding: 'latin1' | 'utf8' = 'latin1'): number {
  const bytes = Buffer.from(text, encoding).subarray(0, place.length)
  place.set(bytes)
  return bytes.length
}
