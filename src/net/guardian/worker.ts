/**
 * The guardian: a thread that sleeps, but for a glance at the running script every few milliseconds. When a script is late
 * it sets the interpreter's alarm, and while the script keeps the engine's thread it reads the clients' sockets for it:
 * file descriptors belong to the whole process. It understands nothing of what it reads: every piece goes to the engine,
 * which comes by whenever the alarm is set, and answers by itself.
 *
 * Asleep means frozen: its event loop does not run. It never closes a handle, as that would close the descriptor under the
 * engine's, and for the same reason it never ends. Awake, it stops using one before the engine closes the descriptor
 * (guardian.ts says when), and uses it again for whatever has the descriptor then. Over its sleep it keeps what it reads:
 * what was closed meanwhile it is told when it wakes, before its event loop runs.
 *
 * That it uses a descriptor no more is true only when the event loop has dealt with all events that it has fetched at once,
 * among which may be one of that descriptor; and a socket that is to be read is known to the system only when the loop
 * waits for the next: to one that is closed by then it would end the process. So answers wait for a round of the loop, and
 * asleep nothing is ordered to be read.
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
import { BorrowedListener, layer } from '../tcp-handles.ts'
import { BorrowedSockets } from './borrowed-sockets.ts'
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
const sockets = new BorrowedSockets(send)
/** Handles of listening sockets by descriptor, for TCP and Unix sockets. */
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
  sockets.pauseAll()
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
  else if ('open' in message) sockets.open(message.open)
  else if ('interpreter' in message) noteInterpreter(message)
}

function noteInterpreter({ interpreter: { role, memory, alarm } }: InterpreterMessage): void {
  // Only this thread's own collector gives up what it knew of the memory, and it does not run by itself while asleep.
  if (alarms.delete(role)) collectGarbage()
  if (memory !== null) alarms.set(role, { words: new Int32Array(memory), index: alarm >> 2 })
}

function begin({ begin }: BeginMessage): void {
  wakefulTimer ??= setInterval(setAlarmOfKilled, GLANCE_MAX_MS)
  sockets.apply(begin.changes)
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
    sockets.addAccepted({ fd, isUnix }, connection)
    send({ accepted: fd, listener })
  })
}

/** What is asked for has been done. */
function answer(): void {
  Atomics.add(signals, ANSWERED, 1)
  Atomics.notify(signals, ANSWERED)
}

function end(): void {
  for (const listener of accepting) listener.stopAccepting()
  accepting.clear()
  clearInterval(wakefulTimer)
  wakefulTimer = undefined
}

/** When the event loop has gone round once: from where it is now to there again. */
function afterRound(action: () => void): void {
  setImmediate(() => setImmediate(action))
}

/** Awake. */
function attend(message: ToGuardian): void {
  freezeIfGivenUp()
  if ('forget' in message) {
    for (const fd of message.forget) sockets.pause(fd)
    afterRound(answer)
  } else if ('end' in message) {
    end()
    afterRound(() => {
      answer()
      sleep()
    })
  } else if ('changes' in message) sockets.apply(message.changes)
  else deal(message)
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
