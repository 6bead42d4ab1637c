import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Database } from '../../../src/keyspace/database.ts'
import { Keyspace } from '../../../src/keyspace/keyspace.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { putCrc64 } from '../../../src/serialization/crc64.ts'
import { dump } from '../../../src/serialization/dump.ts'
import { load } from '../../../src/serialization/restore.ts'
import { isIntact } from '../../../src/serialization/sealed.ts'
import { limits } from '../keyspace/limits.ts'

const KEY = Bytes.from('key')
const COPY = Bytes.from('copy')
const FOOTER = 10

function newDatabase(): { db: Database; used(): number } {
  const keyspace = new Keyspace(1, limits, { now: 1_000_000 })
  return { db: keyspace.database(0), used: () => keyspace.heap.arena.used }
}

function bytes(text: string): Bytes {
  return Bytes.from(text, 'latin1')
}

/** What a key holds, in plain objects. */
function contents(db: Database, key: Bytes): unknown {
  const encoding = db.inspect(key)?.encoding
  switch (db.type(key)) {
    case 'string':
      return db.findString(key)!.latin1()
    case 'hash': {
      const pairs: string[] = []
      db.findHash(key)!.forEach((field, value) => {
        pairs.push(`${field.latin1()}=${value.latin1()}`)
      })
      return { encoding, pairs: pairs.sort() }
    }
    case 'set': {
      const members: string[] = []
      db.findSet(key)!.forEach((member) => {
        members.push(member.latin1())
      })
      return { encoding, members: members.sort() }
    }
    case 'zset': {
      const members: [string, number][] = []
      const set = db.findSortedSet(key)!
      set.range(0, set.size, false, (member, score) => {
        members.push([member.latin1(), score])
      })
      return { encoding, members }
    }
    case 'list': {
      const elements: string[] = []
      const list = db.findList(key)!
      list.forEach(0, list.size, false, (element) => {
        elements.push(element.latin1())
      })
      return { encoding, elements }
    }
  }
  return undefined
}

type Build = (db: Database) => void

const element = fc.oneof(
  fc.string({ maxLength: 12 }).map((text) => Buffer.from(text).toString('latin1')),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.constantFrom('', '0', '-1', '127', '128', '-4096', '4095', '-4097', 'x'.repeat(70), 'y'.repeat(5000)),
)
const elements = fc.oneof(
  fc.array(element, { minLength: 1, maxLength: 20 }),
  fc.array(element, { minLength: 1, maxLength: 200, size: 'max' }),
)
const score = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(Infinity, -Infinity, 0))

const build: fc.Arbitrary<Build> = fc.oneof(
  element.map(
    (value): Build =>
      (db) =>
        db.writeString(KEY, bytes(value)),
  ),
  elements.map(
    (values): Build =>
      (db) => {
        for (const value of values) db.openList(KEY).pushRight(bytes(value))
      },
  ),
  elements.map(
    (values): Build =>
      (db) => {
        for (const value of values) db.openSet(KEY, bytes(value)).add(bytes(value))
      },
  ),
  fc.array(fc.integer(), { minLength: 1, maxLength: 600, size: 'max' }).map(
    (values): Build =>
      (db) => {
        for (const value of values) db.openSet(KEY, bytes(String(value))).add(bytes(String(value)))
      },
  ),
  // A field once: one that had a long value before leaves a table behind, which comes back as a listpack.
  fc
    .uniqueArray(fc.tuple(element, element), {
      minLength: 1,
      maxLength: 200,
      size: 'max',
      selector: ([field]) => field,
    })
    .map(
      (pairs): Build =>
        (db) => {
          for (const [field, value] of pairs) db.openHash(KEY).set(bytes(field), bytes(value))
        },
    ),
  fc.array(fc.tuple(element, score), { minLength: 1, maxLength: 200, size: 'max' }).map(
    (pairs): Build =>
      (db) => {
        for (const [member, value] of pairs) db.openSortedSet(KEY).set(bytes(member), value)
      },
  ),
)

/** A payload as DUMP answers it, of a body. */
function sealed(body: Buffer): Bytes {
  const payload = Buffer.concat([body, Buffer.from([11, 0]), Buffer.alloc(8)])
  putCrc64(payload, 0, payload.length - 8, payload, payload.length - 8)
  return new Bytes(payload)
}

function hex(...parts: string[]): Bytes {
  return sealed(Buffer.from(parts.join('').replaceAll(' ', ''), 'hex'))
}

/** Stores what a payload holds under COPY; false when it is malformed. */
function restore(db: Database, payload: Bytes): boolean {
  assert.ok(isIntact(payload, true))
  const value = load(db, payload)
  if (value === undefined) return false
  if (value instanceof Bytes) db.writeString(COPY, value)
  else db.attach(COPY, value)
  return true
}

describe('serialized values', () => {
  for (const compress of [true, false]) {
    test(`come back, compress: ${compress}`, () => {
      const { db, used } = newDatabase()
      fc.assert(
        fc.property(build, (make) => {
          const empty = used()
          make(db)
          const payload = dump(db, KEY, { compress })!.detach()
          assert.equal(restore(db, payload), true)
          assert.deepEqual(contents(db, COPY), contents(db, KEY))
          assert.deepEqual(dump(db, COPY, { compress })!.len, payload.len)
          db.delete(KEY)
          db.delete(COPY)
          assert.equal(used(), empty)
        }),
        { numRuns: 150 },
      )
    })
  }

  test('the sign of a zero score does not depend on whether the member that made the set a tree came before', () => {
    const { db } = newDatabase()
    const set = db.openSortedSet(KEY, 1, 65)
    set.set(bytes('a'.repeat(65)), -1)
    set.set(bytes('zero'), -0)
    assert.equal(restore(db, dump(db, KEY, { compress: false })!.detach()), true)
    assert.deepEqual(contents(db, COPY), contents(db, KEY))
  })

  test('no key, no payload', () => {
    assert.equal(dump(newDatabase().db, KEY, { compress: true }), undefined)
  })
})

describe('hostile payloads', () => {
  const { db, used } = newDatabase()

  /** Whatever is loaded must be a value that can be read, written anew and dropped. */
  function survives(payload: Bytes): void {
    const empty = used()
    if (!restore(db, payload)) {
      assert.equal(used(), empty)
      return
    }
    const before = contents(db, COPY)
    const again = dump(db, COPY, { compress: true })!.detach()
    db.delete(COPY)
    assert.equal(used(), empty)
    assert.equal(restore(db, again), true)
    assert.deepEqual(contents(db, COPY), before)
    db.delete(COPY)
  }

  test('mutations', () => {
    const mutation = fc.tuple(
      fc.constantFrom('set', 'flip', 'insert', 'delete', 'cut'),
      fc.nat(),
      fc.nat(255),
    )
    fc.assert(
      fc.property(
        build,
        fc.boolean(),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (make, compress, steps) => {
          make(db)
          const payload = dump(db, KEY, { compress })!
          let body = payload.slice(0, payload.len - FOOTER).copy()
          db.delete(KEY)
          for (const [kind, position, value] of steps)
            body = mutate(body, kind, position % (body.length + 1), value)
          survives(sealed(body))
        },
      ),
      { numRuns: 1500 },
    )
  })

  function mutate(body: Buffer, kind: string, at: number, value: number): Buffer {
    const changed = Buffer.from(body)
    if (kind === 'cut') return changed.subarray(0, at)
    if (kind === 'insert')
      return Buffer.concat([body.subarray(0, at), Buffer.from([value]), body.subarray(at)])
    if (at === body.length) return changed
    if (kind === 'delete') return Buffer.concat([body.subarray(0, at), body.subarray(at + 1)])
    changed[at] = kind === 'set' ? value : changed[at]! ^ (1 << (value & 7))
    return changed
  }

  test('noise behind a type', () => {
    fc.assert(
      fc.property(fc.nat(25), fc.uint8Array({ maxLength: 60 }), (type, noise) => {
        survives(sealed(Buffer.from([type, ...noise])))
      }),
      { numRuns: 3000 },
    )
  })

  const REFUSED: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['an unknown type', '16 00'],
    ['a stream', '0f 00'],
    ['an empty list', '12 00'],
    ['an empty hash', '04 00'],
    ['an empty hash listpack', '10 07 07000000 0000 ff'],
    ['a hash of 2^32 - 1 fields', '04 80ffffffff'],
    ['a hash of 2^63 fields', '04 818000000000000000'],
    ['a string of 4 GB', '00 80ffffffff'],
    ['a compressed string of 4 GB', '00 c3 02 80ffffffff 0061'],
    ['a string in an unknown encoding', '00 c4'],
    ['a field twice', '04 02 0161 0162 0161 0163'],
    ['a field twice in a listpack', '10 13 13000000 0400 816102 816202 816102 816302 ff'],
    ['half a pair', '10 0a 0a000000 0100 816102 ff'],
    ['a member twice', '02 02 0161 0161'],
    ['a member twice in a listpack', '14 0d 0d000000 0200 816102 816102 ff'],
    ['a listpack that tells a wrong length', '14 0a 0b000000 0100 816102 ff'],
    ['a listpack that tells a wrong count', '14 0a 0a000000 0200 816102 ff'],
    ['an entry that tells a wrong length', '14 0a 0a000000 0100 816103 ff'],
    ['an entry beyond the end', '14 0a 0a000000 0100 bf6102 ff'],
    ['an entry that is none', '14 0a 0a000000 0100 f56102 ff'],
    ['an intset of odd width', '0b 0b 03000000 01000000 010203'],
    ['an intset that descends', '0b 0c 02000000 02000000 0200 0100'],
    ['an intset that tells a wrong count', '0b 0c 02000000 ffffffff 0100 0200'],
    ['a score that is not a number', '05 01 0161 000000000000f87f'],
    ['scores that descend', '11 11 11000000 0400 816102 0201 816202 0101 ff'],
    ['members that descend', '11 11 11000000 0400 816202 0101 816102 0101 ff'],
    ['a score that is no number', '11 0d 0d000000 0200 816102 817802 ff'],
    ['a list node of unknown kind', '12 01 03 0161'],
    ['an empty plain node', '12 01 01 00'],
    ['nodes without elements', '12 01 02 07 07000000 0000 ff'],
    ['a ziplist that tells a wrong previous length', '0a 0e 0e000000 0a000000 0100 05 0161 ff'],
  ]
  for (const [name, body] of REFUSED) {
    test(name, () => {
      const empty = used()
      assert.equal(restore(db, hex(body)), false)
      assert.equal(used(), empty)
    })
  }
})

describe('payloads of others', () => {
  const ACCEPTED: readonly (readonly [string, string, unknown])[] = [
    ['a list as one ziplist', '0a 12 12000000 0d000000 0200 00 0161 03 c0ff00 ff', ['a', '255']],
    [
      'a list of ziplists, integers of every width',
      '0e 01 27 27000000 1d000000 0600 00f1 02fd 02fe80 03f0000080 05d000000080 06e00000000000000080 ff',
      ['0', '12', '-128', '-8388608', '-2147483648', '-9223372036854775808'],
    ],
    ['a list of strings', '01 02 0161 c07b', ['a', '123']],
  ]
  for (const [name, body, expected] of ACCEPTED) {
    test(name, () => {
      const { db } = newDatabase()
      assert.equal(restore(db, hex(body)), true)
      assert.deepEqual((contents(db, COPY) as { elements: unknown }).elements, expected)
    })
  }

  test('a hash as a ziplist', () => {
    const { db } = newDatabase()
    assert.equal(restore(db, hex('0d 11 11000000 0d000000 0200 00 0161 03 0162 ff')), true)
    assert.deepEqual(contents(db, COPY), { encoding: 'listpack', pairs: ['a=b'] })
  })

  test('a sorted set with scores as text', () => {
    const { db } = newDatabase()
    assert.equal(restore(db, hex('03 03 0161 03312e35 0162 ff 0163 fe')), true)
    const members = [
      ['b', -Infinity],
      ['a', 1.5],
      ['c', Infinity],
    ]
    assert.deepEqual(contents(db, COPY), { encoding: 'listpack', members })
  })

  test('entries that are not the shortest are found all the same', () => {
    const { db } = newDatabase()
    // The string 12 where an integer is due, and the integer 5 in 16 bits.
    assert.equal(restore(db, hex('14 0f 0f000000 0200 82313203 f1050003 ff')), true)
    const set = db.findSet(COPY)!
    assert.ok(set.has(bytes('12')))
    assert.ok(set.has(bytes('5')))
  })
})

test('version and checksum', () => {
  const payload = hex('00 0161')
  assert.ok(isIntact(payload, true))
  const changed = payload.detach()
  changed.buf[0] = 1
  assert.ok(!isIntact(changed, true))
  assert.ok(!isIntact(new Bytes(Buffer.alloc(9)), true))
  for (const [version, strict, relaxed] of [
    [6, true, true],
    [11, true, true],
    [12, false, false],
    [79, false, false],
    [80, false, true],
  ] as const) {
    const other = payload.detach()
    other.buf.writeUInt16LE(version, other.len - FOOTER)
    putCrc64(other.buf, 0, other.len - 8, other.buf, other.len - 8)
    assert.equal(isIntact(other, true), strict)
    assert.equal(isIntact(other, false), relaxed)
  }
})
