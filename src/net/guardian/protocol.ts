/**
 * What the engine's thread and a guardian thread tell each other: words of shared memory, and messages. What they know of
 * the running script is in control-block.ts.
 */
import type { Descriptor } from '../tcp.ts'

// ---- words of the signals, an Int32Array on a SharedArrayBuffer, which each thread has of its own

/** How many requests the thread has answered, for the engine to wait for. */
export const ANSWERED = 0
/** The thread failed, or the engine waits for it no longer: nothing is lent to it any more, whatever it was told before. */
export const GIVEN_UP = 1
export const SIGNAL_WORDS = 2

// ---- to the guardian

/** An interpreter was made, or the memory of one will not be used again. `role` tells interpreters apart. */
export interface InterpreterMessage {
  readonly interpreter: {
    readonly role: string
    readonly memory: SharedArrayBuffer | null
    readonly alarm: number
  }
}

/** A piece of a socket's input is to be read. Orders are numbered, so that it can be told which of them a piece belongs to. */
export interface ReadOrder extends Descriptor {
  readonly order: number
}

/** What is to be read, and (by descriptor) what no more. The rest stays as it is, over the thread's sleep as well. */
export interface Changes {
  readonly read: readonly ReadOrder[]
  readonly pause: readonly number[]
}

/** Sockets that it may have to read later; they may be closed before it hears of them. */
export interface OpenMessage {
  readonly open: readonly Descriptor[]
}

export interface ChangesMessage {
  readonly changes: Changes
}

/** The engine is blocked: accept at these, and read. */
export interface BeginMessage {
  readonly begin: {
    readonly listeners: readonly Descriptor[]
    readonly backlog: number
    readonly changes: Changes
  }
}

/** These descriptors are about to be closed: read nothing of them. Answered. */
export interface ForgetMessage {
  readonly forget: readonly number[]
}

/** The engine reads again. Answered, when nobody else does. */
export interface EndMessage {
  readonly end: true
}

/** What is answered. */
export type Request = ForgetMessage | EndMessage
export type ToGuardian = InterpreterMessage | OpenMessage | BeginMessage | ChangesMessage | Request

// ---- from the guardian

/** A piece of a connection's input; nothing more is read of it before it is asked for. */
export interface InputMessage {
  readonly fd: number
  readonly order: number
  readonly bytes: Uint8Array
}

/** The peer ended the connection (no error), or it broke. */
export interface EndedMessage {
  readonly fd: number
  readonly order: number
  readonly error: string | null
}

/** A connection was accepted; nothing is read of it before it is asked for. `listener` is where, a descriptor as well. */
export interface AcceptedMessage {
  readonly accepted: number
  readonly listener: number
}

export type FromGuardian = InputMessage | EndedMessage | AcceptedMessage

// ---- from the guardian to whoever started it, by a message that nobody waits for

/** Why it failed. */
export interface FailedMessage {
  readonly failed: string
}
