/**
 * A fingerprint of keys and values, the same as Valkey's for the same data, whatever the order of unordered elements:
 * what is ordered is mixed (hashed again with what was before), what is not is exclusive-ored.
 */
import { createHash } from 'node:crypto'
import type { Database, TypeName } from '../../keyspace/database.ts'
import { Bytes } from '../../memory/bytes.ts'

const DIGEST_BYTES = 20
const EXPIRY_MARK = Bytes.from('!!expire!!')

/** Digits of a plain number beyond those of its shortest form; a longer one is written with an exponent. */
const ZEROS_MAX = 7
const SMALL_EXPONENT = 4

export class Digest {
  private readonly state = Buffer.alloc(DIGEST_BYTES)

  add(data: Uint8Array): this {
    const hash = createHash('sha1').update(data).digest()
    for (let i = 0; i < DIGEST_BYTES; i++) this.state[i]! ^= hash[i]!
    return this
  }

  mix(data: Uint8Array): this {
    this.add(data)
    createHash('sha1').update(this.state).digest().copy(this.state)
    return this
  }

  /** Adds another digest. */
  join(other: Digest): void {
    this.add(other.state)
  }

  hex(): string {
    return this.state.toString('hex')
  }
}

function view(b: Bytes): Buffer {
  return b.buf.subarray(b.off, b.off + b.len)
}

function bigEndian(value: number): Buffer {
  const buf = Buffer.alloc(4)
  buf.writeUInt32BE(value)
  return buf
}

/** A score in the shortest digits, with an exponent sooner than JavaScript would write one. */
function shortestScore(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? 'inf' : '-inf'
  if (score === 0) return Object.is(score, -0) ? '-0' : '0'
  const sign = score < 0 ? '-' : ''
  const [mantissa, power] = Math.abs(score).toExponential().split('e') as [string, string]
  const digits = mantissa.replace('.', '')
  const exponent = Number(power)
  const scale = exponent - digits.length + 1
  if (scale >= 0 && Math.abs(exponent) < digits.length + ZEROS_MAX) return sign + digits + '0'.repeat(scale)
  if (scale < 0 && (scale > -ZEROS_MAX || Math.abs(exponent) < SMALL_EXPONENT)) {
    const point = exponent + 1
    if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
    return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
  }
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${sign}${digits[0]}${rest}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}

function pair(first: Bytes, second: Uint8Array): Digest {
  return new Digest().mix(view(first)).mix(second)
}

/** A type's number in the digest, and how the value is added. */
type Walk = readonly [type: number, add: (digest: Digest, db: Database, key: Bytes) => void]

const WALKS: Readonly<Partial<Record<TypeName, Walk>>> = {
  string: [0, (digest, db, key) => digest.mix(view(db.findString(key)!))],
  list: [
    1,
    (digest, db, key) => {
      const list = db.findList(key)!
      list.forEach(0, list.size, false, (value) => {
        digest.mix(view(value))
      })
    },
  ],
  set: [
    2,
    (digest, db, key) =>
      db.findSet(key)!.forEach((member) => {
        digest.add(view(member))
      }),
  ],
  zset: [
    3,
    (digest, db, key) => {
      const set = db.findSortedSet(key)!
      set.range(0, set.size, false, (member, score) => {
        digest.join(pair(member, Buffer.from(shortestScore(score))))
      })
    },
  ],
  hash: [
    4,
    (digest, db, key) =>
      db.findHash(key)!.forEach((field, value) => {
        digest.join(pair(field, view(value)))
      }),
  ],
}

/** Adds the value at key to a digest, which may hold the key already. */
export function addValue(digest: Digest, db: Database, key: Bytes): void {
  const type = db.type(key)
  if (type === undefined) return
  const walk = WALKS[type]
  if (walk === undefined) throw new Error(`no digest of type ${type}`)
  digest.mix(bigEndian(walk[0]))
  db.untouched(() => walk[1](digest, db, key))
  if (db.expiry(key) >= 0) digest.add(view(EXPIRY_MARK))
}

/** The fingerprint of all databases. */
export function datasetDigest(databases: Iterable<Database>): string {
  const total = new Digest()
  for (const db of databases) {
    if (db.size === 0) continue
    total.mix(bigEndian(db.index))
    const keys: Bytes[] = []
    db.forEach((key) => {
      keys.push(key.detach())
    })
    for (const key of keys) {
      const digest = new Digest().mix(view(key))
      addValue(digest, db, key)
      total.join(digest)
    }
  }
  return total.hex()
}
