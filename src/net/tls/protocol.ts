/**
 * What the engine's thread and the TLS thread tell each other: words of shared memory, and messages.
 */
import type { AdmissionSettings, ContextSettings } from './settings.ts'

// ---- words of the control block, an Int32Array on a SharedArrayBuffer

/** How many requests the thread has answered, for the engine to wait for. */
export const ANSWERED = 0
/** How many lines for the log the engine has taken. */
export const LOGGED = 1
/** Connections that were one too many, since the engine last looked. */
export const REJECTED = 2
export const CONTROL_WORDS = 3

// ---- to the TLS thread

/** Use these certificates and so on, for connections from now on. Answered. */
export interface ConfigureRequest {
  readonly configure: ContextSettings
}

/** Listen there; `id` is the caller's name for it. Answered. */
export interface ListenRequest {
  readonly listen: {
    readonly id: number
    readonly address: string
    readonly port: number
    readonly backlog: number
  }
}

/** Do not listen there any more. Connections stay. */
export interface UnlistenMessage {
  readonly unlisten: number
}

export interface AdmissionMessage {
  readonly admission: AdmissionSettings
}

export type Request = ConfigureRequest | ListenRequest
export type ToTls = Request | UnlistenMessage | AdmissionMessage

// ---- from the TLS thread

/** To a request: done, or why not. `code` is the system's, where the system refused. */
export interface Answer {
  readonly refusal?: { readonly message: string; readonly code: string | undefined }
}

// ---- from the TLS thread to whoever started it, by messages that nobody waits for

/** A line for the log, at level warning. */
export interface LogMessage {
  readonly warning: string
}

/** It answers from now on. */
export interface ReadyMessage {
  readonly ready: true
}

export type FromTls = LogMessage | ReadyMessage
