/**
 * What the engine's thread and the guardian tell each other in messages; control-block.ts has what is said without.
 */
import type { Descriptor } from '../tcp.ts'

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
