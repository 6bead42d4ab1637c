/**
 * A pipeline's keys are looked for in memory all at once before its commands run, so that their cache misses overlap
 * instead of following each other. It guesses where the keys are: a wrong guess costs a little time and nothing else.
 */
import type { Keyspace } from '../keyspace/keyspace.ts'
import { Bytes } from '../memory/bytes.ts'
import { hashAhead } from '../memory/hashing.ts'
import { type CommandWindow, WINDOW_COMMANDS } from '../protocol/command-window.ts'

/** Below this many keys the processor's caches hold them anyway. */
const WORTHWHILE_KEYS = 20_000

const LETTER_E = 101
/** Position of the first key, most commands', and EVALSHA's. */
const FIRST_KEY = 1
const SCRIPT_KEY = 3

export class Prefetcher {
  private readonly keyspace: Keyspace
  private readonly key = new Bytes()
  private readonly hashes = new Int32Array(WINDOW_COMMANDS)
  /** What was read, so that the reads are not optimised away. */
  private sum = 0

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
  }

  touch(dbIndex: number, window: CommandWindow): void {
    const db = this.keyspace.database(dbIndex)
    if (db.size < WORTHWHILE_KEYS) return
    this.sum ^= db.touchAhead(this.hashes, this.hashKeys(window))
  }

  /** Hashes the keys of the commands; answers how many have one. */
  private hashKeys(window: CommandWindow): number {
    let keys = 0
    for (let i = 0; i < window.count; i++) {
      const isScript = window.length(i, 0) > 6 && (window.buf[window.offset(i, 0)]! | 32) === LETTER_E
      const at = isScript ? SCRIPT_KEY : FIRST_KEY
      if (window.argumentCount(i) <= at) continue
      const key = this.key.set(window.buf, window.offset(i, at), window.length(i, at))
      this.hashes[keys] = hashAhead(key, keys === 0)
      keys++
    }
    return keys
  }
}
