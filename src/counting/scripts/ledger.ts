/**
 * Which script has which record: they are given out when scripts run for the first time, and taken back when they leave the
 * cache, or when others need them. What a record holds then goes to the record of all others, so that the sums stay right.
 * The engine's thread owns it.
 */
import { ScriptFeed } from './feed.ts'
import { ScriptLabels } from './labels.ts'
import { keptId, MAX_SCRIPT_RECORDS, OTHER, REST, ScriptMemory } from './memory.ts'
import {
  addDuration,
  CALLS,
  COUNTERS,
  COUNTERS_END,
  ERROR_CODES_MAX,
  INDEX,
  KEYS_OUTSIDE,
  KIND_OTHER,
  LUA_PEAK,
  MICROSECONDS,
  PROFILE_DUE,
  PROFILED,
  PROFILED_FROM,
  PROFILED_KEYS_OUTSIDE,
  PROFILED_UNTIL,
  percentiles,
  RECORD_SLOTS,
  type ScriptRecord,
  SLOWEST,
  STARTED,
  STATE,
  STATE_FREE,
  STATE_LABELLED,
  STATE_USED,
  STEPS,
  TIMED,
} from './record.ts'
import { RestSum } from './rest.ts'
import { UndeclaredKeys } from './undeclared-keys.ts'

/** Records that are looked at for one to take when none is free. */
const HAND_REACH = 32

/** Codes that have numbers of their own whatever codes scripts invent. */
const USUAL_CODES = [
  'ERR',
  'WRONGTYPE',
  'OOM',
  'NOSCRIPT',
  'BUSY',
  'READONLY',
  'NOPERM',
  'NOAUTH',
  'EXECABORT',
]

export interface ScriptIdentity {
  readonly kind: number
  /** SHA, or `library.function`. */
  readonly id: string
  /** What its author calls it; empty where it has no name. */
  readonly name: string
  readonly text: Buffer
}

/** A script, or a function. */
export interface RecordOwner {
  /** Null before the first run, and after another script was given the record. */
  record: ScriptRecord | null
}

export interface LedgerSettings {
  readonly 'script-metrics-max-labels': number
  readonly 'metrics-port': number
}

/** What is known of a record beside its numbers. */
interface Place {
  readonly owner: RecordOwner
  /** To be told again to a new metrics thread. */
  readonly text: Buffer
}

export class ScriptLedger {
  readonly memory = new ScriptMemory()
  readonly labels: ScriptLabels
  readonly feed: ScriptFeed
  readonly other: ScriptRecord
  readonly rest: RestSum
  readonly undeclared = new UndeclaredKeys()
  private readonly free: number[] = []
  private readonly codes = new Map<string, number>()
  /** By record. */
  private readonly places: (Place | undefined)[] = []
  /** The record that is looked at next for one to take. */
  private hand = OTHER + 1

  constructor(settings: LedgerSettings) {
    this.other = this.memory.occupy(OTHER, KIND_OTHER, STATE_USED, 'other', '')
    this.rest = new RestSum(this.memory)
    this.labels = new ScriptLabels(this.memory, this.rest, settings)
    this.feed = new ScriptFeed(settings['metrics-port'] !== 0)
    for (const code of USUAL_CODES) this.numberOf(code)
  }

  /**
   * A record for a script that is about to run and has none, which its owner then holds. That of all others for this run,
   * where none can be had.
   */
  open(owner: RecordOwner, { kind, id: whole, name, text }: ScriptIdentity): ScriptRecord {
    const id = keptId(whole)
    const index = this.free.pop() ?? this.unused() ?? this.taken()
    if (index === undefined) {
      this.memory.nameOther(id)
      return this.other
    }
    owner.record = this.memory.occupy(index, kind, this.labels.stateAtStart(id), id, name)
    this.places[index] = { owner, text }
    this.feed.opened(id, text)
    return owner.record
  }

  private unused(): number | undefined {
    const { used } = this.memory
    return used <= MAX_SCRIPT_RECORDS ? used : undefined
  }

  /** Takes the record of whom has not run for longest of the next few without a label. */
  private taken(): number | undefined {
    const { memory } = this
    const running = memory.running?.index
    let found = OTHER
    for (let i = 0; i < HAND_REACH; i++) {
      const { hand } = this
      this.hand = hand === MAX_SCRIPT_RECORDS ? OTHER + 1 : hand + 1
      if (memory.state(hand) !== STATE_USED || hand === running) continue
      if (found === OTHER || memory.started(hand) < memory.started(found)) found = hand
    }
    if (found === OTHER) return undefined
    this.close(memory.record(found))
    return this.free.pop()
  }

  /** Tells the feed of all scripts there are. */
  tellTexts(): void {
    for (const [index, place] of this.places.entries()) {
      if (place !== undefined) this.feed.opened(this.memory.id(index), place.text)
    }
    for (const [id, keys] of this.undeclared.entries()) this.feed.usedUndeclared(id, keys)
  }

  /** A run used keys of which its caller had not told. */
  usedUndeclared(index: number, keys: readonly string[]): void {
    // Keys of all others are nobody's.
    if (index === OTHER) return
    const id = this.memory.id(index)
    this.undeclared.add(id, keys)
    this.feed.usedUndeclared(id, this.undeclared.of(id))
  }

  /** The script went, or has to do without its record. */
  close(record: ScriptRecord | null): void {
    if (record === null || record[STATE] === STATE_FREE) return
    const { memory } = this
    const index = record[INDEX]!
    const id = memory.id(index)
    this.feed.closed(id)
    this.undeclared.forget(id)
    this.places[index]!.owner.record = null
    this.places[index] = undefined
    this.fold(record)
    if (record[STATE] === STATE_LABELLED) this.labels.lost(id)
    memory.change(index, () => {
      record[STATE] = STATE_FREE
    })
    this.free.push(index)
  }

  private fold(record: ScriptRecord): void {
    const { other, memory } = this
    settle(record)
    if (record[STATE] === STATE_USED) this.rest.add(record)
    // All of it has been seen, here or there.
    const accounted = memory.accounted(OTHER)
    memory.change(OTHER, () => {
      for (let i = COUNTERS; i < COUNTERS_END; i++) {
        other[i]! += record[i]!
        accounted[i - COUNTERS]! += record[i]!
      }
      for (let i = STEPS; i < RECORD_SLOTS; i++) other[i]! += record[i]!
      for (const i of [STARTED, LUA_PEAK, SLOWEST]) other[i] = Math.max(other[i]!, record[i]!)
      for (const i of [TIMED, PROFILED_FROM, PROFILED_UNTIL]) other[i]! += record[CALLS]!
      other[PROFILE_DUE]! += record[MICROSECONDS]!
    })
  }

  /** The number of an error code; 0 where it has none of its own. */
  numberOf(code: string): number {
    const known = this.codes.get(code)
    if (known !== undefined) return known
    const number = this.memory.codeNumber(code)
    if (this.codes.size < ERROR_CODES_MAX) this.codes.set(code, number)
    return number
  }

  /** Every moment while the metrics are published; `now` is Unix time in ms. */
  tend(now: number): void {
    this.rest.account()
    this.labels.assign(now)
    this.feed.flush()
  }

  /** The script that runs has been running for long, and the next moment will not come before it ends. */
  tellOf(index: number): void {
    if (this.memory.state(index) === STATE_USED) this.rest.add(this.memory.record(index))
    this.feed.flush()
  }

  /** Sets all figures back; labels stay. */
  reset(): void {
    const { memory } = this
    for (let i = 0; i < memory.used; i++) if (memory.state(i) !== STATE_FREE) this.clear(i)
    this.clear(REST)
    this.undeclared.clear()
    this.feed.forgetUndeclared()
    memory.noteReset()
  }

  private clear(index: number): void {
    const { memory } = this
    const record = memory.record(index)
    memory.change(index, () => {
      record.fill(0, COUNTERS)
      for (const i of [LUA_PEAK, TIMED, SLOWEST, PROFILED_FROM, PROFILED_UNTIL, PROFILE_DUE]) record[i] = 0
      memory.accounted(index).fill(0)
    })
  }
}

/**
 * Runs that no other stands for were short: they took as long as most, and not the mean, which slow ones raise. Of keys that
 * were not declared they had as many as those that were looked at.
 */
function settle(record: ScriptRecord): void {
  const untimed = record[CALLS]! - record[TIMED]!
  if (untimed > 0) addDuration(record, percentiles(record, [50])[0]!, untimed)
  if (record[PROFILED]! === 0) return
  const unseen = Math.max(0, record[CALLS]! - record[PROFILED_UNTIL]!)
  record[KEYS_OUTSIDE]! += unseen * (record[PROFILED_KEYS_OUTSIDE]! / record[PROFILED]!)
}
