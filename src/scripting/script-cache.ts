/**
 * The scripts the server knows, by SHA1 and by text. Scripts that came by EVAL are a cache: beyond a limit the one unused
 * for longest goes. Scripts that came by SCRIPT LOAD stay until SCRIPT FLUSH.
 */
import { createHash } from 'node:crypto'
import { Bytes } from '../memory/bytes.ts'
import { viewOf } from '../memory/views.ts'
import { nameInComment } from './script-name.ts'
import { readShebang } from './shebang.ts'

/** Scripts kept that came by EVAL only, as many as Valkey keeps. */
export const MAX_EVAL_SCRIPTS = 500

export const SHA_LENGTH = 40
const SHA_WORDS = SHA_LENGTH / 4
const FNV_BASIS = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193

/** What a script takes beside its text and its SHA: its record and its places in the indexes. Measured. */
const SCRIPT_BYTES = 700

export interface Script {
  readonly sha: string
  /** The whole text, shebang included. */
  readonly body: Buffer
  /** See shebang.ts. */
  readonly flags: number
  /** Bytes of the shebang line. */
  readonly shebangLength: number
  /** What its author calls it; empty where it has no name. */
  readonly name: string
  /** What is counted of it, from its first run on, while there is room (counting/scripts/ledger.ts). */
  record: Float64Array | null
  /** False once SCRIPT LOAD asked for it: it is then never evicted. */
  evictable: boolean
}

/** The first eight hexadecimal digits of a SHA as a 32-bit integer: the key of the fast look-up, upper case included. */
function prefixOf(sha: Bytes): number {
  const buf = sha.buf
  let value = 0
  for (let i = 0; i < 8; i++) {
    const c = buf[sha.off + i]!
    value = (value << 4) | (c < 58 ? c & 15 : (c + 9) & 15)
  }
  return value | 0
}

/** FNV-1a over the words of a script's text: finds the script of an EVAL without computing its SHA1 again. */
function textHash({ buf, off, len }: Bytes): number {
  const view = viewOf(buf)
  const end = off + len
  let h = FNV_BASIS
  let i = off
  for (; i + 4 <= end; i += 4) {
    h = Math.imul(h ^ view.getInt32(i, true), FNV_PRIME)
    // A word's upper bytes must reach the lower bits too.
    h ^= h >>> 15
  }
  for (; i < end; i++) h = Math.imul(h ^ buf[i]!, FNV_PRIME)
  return h
}

function bytesOf({ body }: Script): number {
  return SCRIPT_BYTES + SHA_LENGTH + body.length
}

/** A script in the indexes and, while it is evictable, in the ring of those by last use. */
interface Entry {
  readonly script: Script
  /** The SHA as a client sends it, four characters a word. */
  readonly words: Int32Array
  readonly prefix: number
  readonly text: number
  older: Entry | null
  younger: Entry | null
}

export class ScriptCache {
  evictions = 0
  private readonly entries = new Map<string, Entry>()
  private readonly byPrefix = new Map<number, Entry>()
  private readonly byText = new Map<number, Entry>()
  private oldest: Entry | null = null
  private youngest: Entry | null = null
  /** The one found last is compared first. */
  private last: Entry | null = null
  private evictable = 0
  private bytes = 0

  get size(): number {
    return this.entries.size
  }

  *scripts(): Iterable<Script> {
    for (const { script } of this.entries.values()) yield script
  }

  /** Bytes that scripts take outside of the interpreter: `used_memory_scripts_eval`. */
  get memory(): number {
    return this.bytes
  }

  /** The script with this SHA; letters in either case. */
  bySha(sha: Bytes): Script | undefined {
    if (sha.len !== SHA_LENGTH) return undefined
    const { last } = this
    if (last !== null && sameSha(last.words, sha)) return this.used(last)
    const entry = this.byPrefix.get(prefixOf(sha))
    if (entry !== undefined && sameSha(entry.words, sha)) {
      this.last = entry
      return this.used(entry)
    }
    // Upper case, or two scripts with the same prefix: the map by whole SHA has all.
    const other = this.entries.get(sha.latin1().toLowerCase())
    return other === undefined ? undefined : this.used(other)
  }

  /** As `bySha`, without taking this for a use. */
  peek(sha: Bytes): Script | undefined {
    return this.entries.get(sha.latin1().toLowerCase())?.script
  }

  /** The script with this text. */
  byBody(body: Bytes): Script | undefined {
    const entry = this.byText.get(textHash(body))
    if (entry === undefined || !sameBytes(entry.script.body, body)) return undefined
    return this.used(entry)
  }

  /** Makes the record of a script without adding it to the cache; a string is the error of its shebang. */
  static describe(body: Bytes, evictable: boolean): Script | string {
    const copy = body.copy()
    const shebang = readShebang(copy)
    if (typeof shebang === 'string') return shebang
    const sha = createHash('sha1').update(copy).digest('hex')
    const { flags, length: shebangLength } = shebang
    const commentAt = shebangLength === 0 ? 0 : shebangLength + 1
    const name = shebang.name || nameInComment(copy, commentAt)
    return { sha, body: copy, flags, shebangLength, name, record: null, evictable }
  }

  /** The cached script with the same SHA as a described one. */
  same(script: Script): Script | undefined {
    const entry = this.entries.get(script.sha)
    return entry === undefined ? undefined : this.used(entry)
  }

  /** Adds a script that is known to compile; answers the one that had to go for it. */
  add(script: Script): Script | undefined {
    if (this.entries.has(script.sha)) return undefined
    const evicted = script.evictable && this.evictable >= MAX_EVAL_SCRIPTS ? this.evictOldest() : undefined
    const body = new Bytes(script.body)
    const prefix = Number.parseInt(script.sha.slice(0, 8), 16) | 0
    const words = wordsOf(new Bytes(Buffer.from(script.sha, 'latin1')))
    const entry: Entry = { script, words, prefix, text: textHash(body), older: null, younger: null }
    this.entries.set(script.sha, entry)
    this.byPrefix.set(entry.prefix, entry)
    this.byText.set(entry.text, entry)
    this.bytes += bytesOf(script)
    if (script.evictable) {
      this.evictable++
      this.append(entry)
    }
    return evicted
  }

  /** SCRIPT LOAD of a script that EVAL brought: it stays from now on. */
  keep(script: Script): void {
    const entry = this.entries.get(script.sha)
    if (entry === undefined || !script.evictable) return
    script.evictable = false
    this.evictable--
    this.unlink(entry)
  }

  clear(): void {
    this.entries.clear()
    this.byPrefix.clear()
    this.byText.clear()
    this.oldest = null
    this.youngest = null
    this.last = null
    this.evictable = 0
    this.bytes = 0
  }

  private used(entry: Entry): Script {
    if (entry.script.evictable && entry !== this.youngest) {
      this.unlink(entry)
      this.append(entry)
    }
    return entry.script
  }

  private append(entry: Entry): void {
    entry.older = this.youngest
    entry.younger = null
    if (this.youngest === null) this.oldest = entry
    else this.youngest.younger = entry
    this.youngest = entry
  }

  private unlink(entry: Entry): void {
    if (entry.older === null) this.oldest = entry.younger
    else entry.older.younger = entry.younger
    if (entry.younger === null) this.youngest = entry.older
    else entry.younger.older = entry.older
  }

  private evictOldest(): Script | undefined {
    const entry = this.oldest
    if (entry === null) return undefined
    if (entry === this.last) this.last = null
    this.unlink(entry)
    this.evictable--
    this.evictions++
    this.entries.delete(entry.script.sha)
    if (this.byPrefix.get(entry.prefix) === entry) this.byPrefix.delete(entry.prefix)
    if (this.byText.get(entry.text) === entry) this.byText.delete(entry.text)
    this.bytes -= bytesOf(entry.script)
    return entry.script
  }
}

function wordsOf({ buf, off }: Bytes): Int32Array {
  const view = viewOf(buf)
  return Int32Array.from({ length: SHA_WORDS }, (_, i) => view.getInt32(off + 4 * i, true))
}

/** Written out, as a loop would check view and array anew for each word: 400 instructions instead of 100. */
function sameSha(known: Int32Array, { buf, off }: Bytes): boolean {
  const view = viewOf(buf)
  return (
    known[0] === view.getInt32(off, true) &&
    known[1] === view.getInt32(off + 4, true) &&
    known[2] === view.getInt32(off + 8, true) &&
    known[3] === view.getInt32(off + 12, true) &&
    known[4] === view.getInt32(off + 16, true) &&
    known[5] === view.getInt32(off + 20, true) &&
    known[6] === view.getInt32(off + 24, true) &&
    known[7] === view.getInt32(off + 28, true) &&
    known[8] === view.getInt32(off + 32, true) &&
    known[9] === view.getInt32(off + 36, true)
  )
}

function sameBytes(known: Buffer, given: Bytes): boolean {
  return known.length === given.len && known.compare(given.buf, given.off, given.off + given.len) === 0
}
