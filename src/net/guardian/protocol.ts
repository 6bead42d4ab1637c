/**
 * What the engine's thread and the guardian tell each other: words of shared memory, and messages.
 */
import type { Descriptor } from '../tcp.ts'

// ---- words of the control block, an Int32Array on a SharedArrayBuffer

/** Odd while a script runs; up by one at its start and its end (ScriptHost has the same word in its options). */
export const SEQUENCE = 0
/** The engine has something for the sleeping guardian. */
export const WAKE = 1
/** How many requests the guardian has dealt with, for the engine to wait for. */
export const ANSWERED = 2
/** After so many milliseconds of one script the guardian sets the alarm; 0: never. */
export const LIMIT_MS = 3
export const CONTROL_WORDS = 4

// ---- to the guardian

/** An interpreter was made, or the memory of one will not be used again. `role` tells interpreters apart. */
export interface InterpreterMessage {
  readonly interpreter: {
    readonly role: string
    readonly memory: SharedArrayBuffer | null
    readonly alarm: number
  }
}

/** The engine is blocked: accept at these and read those. */
export interface BeginMessage {
  readonly begin: { readonly listeners: readonly Descriptor[]; readonly backlog: number }
}

/** Read a piece of each of these; read no more of those. */
export interface ReadMessage {
  readonly read: readonly Descriptor[]
  readonly pause: readonly Descriptor[]
}

/** These are about to be closed: read nothing of them. Answered. */
export interface ForgetMessage {
  readonly forget: readonly Descriptor[]
}

/** The engine reads again. Answered, when nobody else does. */
export interface EndMessage {
  readonly end: true
}

/** Another thread takes over. */
export interface RetireMessage {
  readonly retire: true
}

export type ToGuardian =
  | InterpreterMessage
  | BeginMessage
  | ReadMessage
  | ForgetMessage
  | EndMessage
  | RetireMessage

// ---- from the guardian

/** A piece of a connection's input; nothing more is read of it before it is asked for. */
export interface InputMessage {
  readonly fd: number
  readonly bytes: Uint8Array
}

/** The peer ended the connection (no error), or it broke. */
export interface EndedMessage {
  readonly fd: number
  readonly error: string | null
}

/** A connection was accepted; nothing is read of it before it is asked for. */
export interface AcceptedMessage {
  readonly accepted: number
  readonly listener: number
}

export type FromGuardian = InputMessage | EndedMessage | AcceptedMessage
