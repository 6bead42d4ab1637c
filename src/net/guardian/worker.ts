/**
 * The guardian: a thread that sleeps, but for a glance at the running script every few milliseconds. When a script is late
 * it sets the interpreter's alarm, and while the script keeps the engine's thread it reads the clients' sockets for it:
 * file descriptors belong to the whole process. It understands nothing of what it reads: every piece goes to the engine,
 * which comes by whenever the alarm is set, and answers by itself.
 *
 * Asleep means frozen: its event loop does not run. It never closes a handle, as that would close the descriptor under the
 * engine's, and for the same reason it never ends. It stops using one before the engine closes the descriptor (guardian.ts
 * says when), and uses it again for whatever has the descriptor then.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import {
  DROWSY,
  isKillAsked,
  LIMIT_MS,
  SEEN,
  SEEN_AFTER_MS,
  SEQUENCE,
  TOLD_AFTER_MS,
  WAKE,
} from '../../control-block.ts'
import { collectGarbage } from '../../memory/garbage.ts'
import type { Descriptor } from '../tcp.ts'
import { BorrowedListener, BorrowedSocket, layer } from '../tcp-handles.ts'
import {
  ANSWERED,
  type BeginMessage,
  type FailedMessage,
  type FromGuardian,
  GIVEN_UP,
  type InterpreterMessage,
  type ToGuardian,
} from './protocol.ts'

export interface GuardianData {
  readonly port: MessagePort
  readonly control: Int32Array
  readonly signals: Int32Array
}

/** Milliseconds between two glances: half of what must not go unseen, less for small limits. */
const GLANCE_MAX_MS = SEEN_AFTER_MS / 2
const GLANCE_MIN_MS = 1
const GLANCES_PER_LIMIT = 8
/** While no script runs for so many glances, they are far between. */
const WAKEFUL_GLANCES = 20
const DROWSY_GLANCE_MS = 50

const { port, control, signals } = workerData as GuardianData
if (layer() === undefined) throw new Error('this Node does not tell the descriptors of sockets')

/** Alarm words of the interpreters there are, by role. */
const alarms = new Map<string, { readonly words: Int32Array; readonly index: number }>()
/** Handles by descriptor, for connections over TCP and over Unix sockets. */
const sockets: readonly [(BorrowedSocket | undefined)[], (BorrowedSocket | undefined)[]] = [[], []]
/** Those that are read now. */
const reading = new Set<BorrowedSocket>()
/** Handles of listening sockets by descriptor, likewise. */
const listeners: readonly [(BorrowedListener | undefined)[], (BorrowedListener | undefined)[]] = [[], []]
/** Those that are accepted at now. */
const accepting = new Set<BorrowedListener>()

let lastSequence = 0
let seenAt = 0
/** The last run of which the engine was reminded to tell. */
let remindedOf = 0
let idleGlances = 0
/** Glances while awake. */
let wakefulTimer: NodeJS.Timeout | undefined

function setAlarms(): void {
  for (const { words, index } of alarms.values()) Atomics.store(words, index, 1)
}

/** For good: nothing is read any more, and nothing closed. */
function freeze(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0)
}

function isGivenUp(): boolean {
  return Atomics.load(signals, GIVEN_UP) !== 0
}

/** Before anything is done with a descriptor: it may be somebody else's by then. */
function freezeIfGivenUp(): void {
  if (isGivenUp()) freeze()
}

function send(message: FromGuardian): void {
  freezeIfGivenUp()
  port.postMessage(message)
  setAlarms()
}

/** Notes a script that has been seen before; sets the alarm when the engine is to tell of it, and when it is late. */
function glance(limit: number): void {
  const sequence = Atomics.load(control, SEQUENCE)
  if (sequence !== lastSequence) {
    lastSequence = sequence
    seenAt = performance.now()
    idleGlances = 0
  } else if ((sequence & 1) === 1) {
    Atomics.store(control, SEEN, sequence)
    const age = performance.now() - seenAt
    const isToTell = age >= TOLD_AFTER_MS && sequence !== remindedOf
    if (isToTell) remindedOf = sequence
    if (isToTell || age >= limit) setAlarms()
  } else idleGlances++
  setAlarmOfKilled()
}

/** The engine clears the word as soon as it has seen it. */
function setAlarmOfKilled(): void {
  if (isKillAsked(control)) setAlarms()
}

/** Freezes this thread until a script is late. */
function sleep(): void {
  for (;;) {
    freezeIfGivenUp()
    for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port)) {
      const message = received.message as ToGuardian
      deal(message)
      if ('begin' in message) return
    }
    const limit = Atomics.load(control, LIMIT_MS)
    const isDrowsy = idleGlances > WAKEFUL_GLANCES
    const glanceMs = Math.min(Math.max(limit / GLANCES_PER_LIMIT, GLANCE_MIN_MS), GLANCE_MAX_MS)
    Atomics.store(control, DROWSY, Number(isDrowsy))
    Atomics.wait(control, WAKE, 0, isDrowsy ? DROWSY_GLANCE_MS : glanceMs)
    if (Atomics.exchange(control, WAKE, 0) !== 0) idleGlances = 0
    glance(limit > 0 ? limit : Number.POSITIVE_INFINITY)
  }
}

/** What may come whether this thread sleeps or is awake. */
function deal(message: ToGuardian): void {
  if ('begin' in message) begin(message)
  else if ('interpreter' in message) noteInterpreter(message)
}

function noteInterpreter({ interpreter: { role, memory, alarm } }: InterpreterMessage): void {
  // Only this thread's own collector gives up what it knew of the memory, and it does not run by itself while asleep.
  if (alarms.delete(role)) collectGarbage()
  if (memory !== null) alarms.set(role, { words: new Int32Array(memory), index: alarm >> 2 })
}

function begin({ begin }: BeginMessage): void {
  wakefulTimer ??= setInterval(setAlarmOfKilled, GLANCE_MAX_MS)
  for (const descriptor of begin.listeners) {
    const known = listeners[Number(descriptor.isUnix)]!
    const listener = (known[descriptor.fd] ??= borrowListener(descriptor))
    listener.startAccepting(begin.backlog)
    accepting.add(listener)
  }
}

function borrowListener(descriptor: Descriptor): BorrowedListener {
  const { fd: listener, isUnix } = descriptor
  return new BorrowedListener(descriptor, (connection) => {
    if (isGivenUp()) {
      // Nobody else knows of this one.
      connection.close()
      freeze()
    }
    const { fd } = connection
    sockets[Number(isUnix)]![fd] = borrow({ fd, isUnix }, connection)
    send({ accepted: fd, listener })
  })
}

type AcceptedHandle = ConstructorParameters<typeof BorrowedSocket>[2]

function borrow(descriptor: Descriptor, accepted?: AcceptedHandle): BorrowedSocket {
  const { fd } = descriptor
  const socket: BorrowedSocket = new BorrowedSocket(
    descriptor,
    {
      onData(buffer, length) {
        stop(socket)
        send({ fd, bytes: new Uint8Array(buffer.subarray(0, length)) })
      },
      onDrain() {},
      onEnd(error) {
        stop(socket)
        send({ fd, error })
      },
    },
    accepted,
  )
  return socket
}

function read(descriptor: Descriptor): void {
  freezeIfGivenUp()
  const known = sockets[Number(descriptor.isUnix)]!
  const socket = (known[descriptor.fd] ??= borrow(descriptor))
  if (reading.has(socket)) return
  socket.renew()
  socket.startReading()
  reading.add(socket)
}

function stop(socket: BorrowedSocket): void {
  socket.stopReading()
  reading.delete(socket)
}

function pause({ fd, isUnix }: Descriptor): void {
  const socket = sockets[Number(isUnix)]![fd]
  if (socket !== undefined) stop(socket)
}

function answer(): void {
  Atomics.add(signals, ANSWERED, 1)
  Atomics.notify(signals, ANSWERED)
}

function end(): void {
  for (const socket of reading) socket.stopReading()
  reading.clear()
  for (const listener of accepting) listener.stopAccepting()
  accepting.clear()
  clearInterval(wakefulTimer)
  wakefulTimer = undefined
}

/** Awake. */
function attend(message: ToGuardian): void {
  freezeIfGivenUp()
  if ('read' in message) {
    message.read.forEach(read)
    message.pause.forEach(pause)
  } else if ('forget' in message) {
    message.forget.forEach(pause)
    answer()
  } else if ('end' in message) {
    end()
    answer()
    sleep()
  } else deal(message)
}

process.on('uncaughtException', (error) => {
  Atomics.store(signals, GIVEN_UP, 1)
  answer()
  parentPort?.postMessage({ failed: error.stack ?? String(error) } satisfies FailedMessage)
  setAlarms()
  freeze()
})

setImmediate(() => {
  sleep()
  port.on('message', attend)
})
