/**
 * What a thread that does as it is told reads, against what it is to read: whatever is asked for, in whatever order its
 * messages come, as soon as all of them have come.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Loans } from '../../../../src/net/guardian/loans.ts'
import type { Changes } from '../../../../src/net/guardian/protocol.ts'

const DESCRIPTORS = 4

/** Reads what it is told to, each until it has told something of it. */
class Thread {
  readonly reading = new Map<number, number>()
  private readonly told: { fd: number; order: number }[] = []

  take({ read, pause }: Changes): void {
    for (const fd of pause) assert.ok(this.reading.delete(fd) || this.hasTold(fd), 'nothing to pause')
    for (const { fd, order } of read) this.reading.set(fd, order)
  }

  /** Something has come on a descriptor. */
  tell(fd: number): void {
    const order = this.reading.get(fd)
    if (order === undefined) return
    this.reading.delete(fd)
    this.told.push({ fd, order })
  }

  forget(fd: number): void {
    this.reading.delete(fd)
  }

  receive(): { fd: number; order: number } | undefined {
    return this.told.shift()
  }

  private hasTold(fd: number): boolean {
    return this.told.some((message) => message.fd === fd)
  }
}

const STEPS = ['ask', 'pause', 'input', 'close', 'pass on', 'receive', 'begin'] as const

const steps = fc.array(
  fc.record({
    step: fc.constantFrom(...STEPS),
    /** That it is about, if it is about one. */
    fd: fc.integer({ min: 0, max: DESCRIPTORS - 1 }),
  }),
  { maxLength: 60 },
)

test('the thread reads what is wanted, whatever it is told and tells meanwhile', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const loans = new Loans()
      const thread = new Thread()
      /** Serial numbers of what is to be read. */
      const wanted = new Map<number, number>()
      const serials = Array.from({ length: DESCRIPTORS }, (_, fd) => fd + 1)
      let lastSerial = DESCRIPTORS
      const read = (fd: number) => {
        wanted.set(fd, serials[fd]!)
        loans.read({ fd, isUnix: false, serial: serials[fd]! })
      }
      const receive = (): boolean => {
        const message = thread.receive()
        if (message === undefined) return false
        loans.told(message.fd, message.order)
        // As the engine does: who is read stays so.
        if (wanted.has(message.fd)) read(message.fd)
        return true
      }
      const pause = (fd: number) => {
        wanted.delete(fd)
        loans.pause(fd)
      }
      for (const action of list) {
        switch (action.step) {
          case 'ask':
            read(action.fd)
            break
          case 'pause':
            pause(action.fd)
            break
          case 'input':
            thread.tell(action.fd)
            break
          case 'close':
            pause(action.fd)
            thread.take(loans.takeChanges())
            thread.forget(action.fd)
            while (receive());
            loans.forgotten(action.fd)
            serials[action.fd] = ++lastSerial
            break
          case 'pass on':
            thread.take(loans.takeChanges())
            break
          case 'receive':
            receive()
            break
          case 'begin': {
            const kept = [...wanted.keys()]
            loans.reset()
            for (const fd of kept) read(fd)
            thread.take(loans.takeChanges())
          }
        }
      }
      while (receive());
      thread.take(loans.takeChanges())
      assert.deepEqual([...thread.reading.keys()].sort(), [...wanted.keys()].sort())
    }),
    { numRuns: 2000 },
  )
})

const socket = (serial: number) => ({ fd: 7, isUnix: false, serial })
const NOTHING: Changes = { read: [], pause: [] }

test('what the thread has already it is not told again', () => {
  const loans = new Loans()
  loans.read(socket(1))
  assert.deepEqual(loans.takeChanges(), { read: [{ fd: 7, isUnix: false, order: 1 }], pause: [] })
  loans.reset()
  loans.read(socket(1))
  assert.deepEqual(loans.takeChanges(), NOTHING)
})

test('another socket with the same descriptor is another', () => {
  const loans = new Loans()
  loans.read(socket(1))
  loans.takeChanges()
  loans.reset()
  loans.read(socket(2))
  assert.deepEqual(loans.takeChanges(), { read: [{ fd: 7, isUnix: false, order: 2 }], pause: [] })
})

test('what is not asked for again is paused', () => {
  const loans = new Loans()
  loans.read(socket(1))
  loans.takeChanges()
  loans.reset()
  assert.deepEqual(loans.takeChanges(), { read: [], pause: [7] })
})

test('what was told of an earlier order changes nothing', () => {
  const loans = new Loans()
  loans.read(socket(1))
  loans.takeChanges()
  loans.pause(7)
  loans.takeChanges()
  loans.read(socket(1))
  loans.takeChanges()
  loans.told(7, 1)
  loans.pause(7)
  assert.deepEqual(loans.takeChanges(), { read: [], pause: [7] })
})
