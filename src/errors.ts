/**
 * Every error reply of the server, in one table, with Valkey's words. Texts carry their code (`ERR`, `WRONGTYPE`).
 */
export const ERRORS = {
  syntax: 'ERR syntax error',
  wrongType: 'WRONGTYPE Operation against a key holding the wrong kind of value',
  notInteger: 'ERR value is not an integer or out of range',
  notFloat: 'ERR value is not a valid float',
  notPositive: 'ERR value is out of range, must be positive',
  noSuchKey: 'ERR no such key',
  outOfRange: 'ERR index out of range',
  overflow: 'ERR increment or decrement would overflow',
  nanOrInfinity: 'ERR increment would produce NaN or Infinity',
  stringTooLong: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
  noAuth: 'NOAUTH Authentication required.',
  noScript: 'NOSCRIPT No matching script.',
  busyKey: 'BUSYKEY Target key name already exists.',
  execAbort: 'EXECABORT Transaction discarded because of previous errors.',
  oom: "OOM command not allowed when used memory > 'maxmemory'.",
  sameObject: 'ERR source and destination objects are the same',
  dbIndexRange: 'ERR DB index is out of range',
  invalidDb: 'ERR invalid DB index',
  invalidCursor: 'ERR invalid cursor',
} as const

export type ErrorId = keyof typeof ERRORS

/** Thrown by a command to answer an error; whatever it had written of its reply is taken back. */
export class ReplyError extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'ReplyError'
  }
}

export function fail(id: ErrorId): never {
  throw new ReplyError(ERRORS[id])
}

/** An error text with something of the request in it, e.g. `failWith("ERR unknown subcommand 'x'.")`. */
export function failWith(text: string): never {
  throw new ReplyError(text)
}
