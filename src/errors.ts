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
  busyScript: 'BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  busyFunction: 'BUSY Valkey is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.',
  busyKey: 'BUSYKEY Target key name already exists.',
  execAbort: 'EXECABORT Transaction discarded because of previous errors.',
  oom: "OOM command not allowed when used memory > 'maxmemory'.",
  outOfMemory: 'OOM there is no memory left for what the command needs',
  sameObject: 'ERR source and destination objects are the same',
  dbIndexRange: 'ERR DB index is out of range',
  invalidDb: 'ERR invalid DB index',
  invalidCursor: 'ERR invalid cursor',
  countRange: 'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
  valueRange: 'ERR value is out of range',
  hashNotInteger: 'ERR hash value is not an integer',
  hashNotFloat: 'ERR hash value is not a float',
  valueNanOrInfinity: 'ERR value is NaN or Infinity',
  scoreNan: 'ERR resulting score is not a number (NaN)',
  scoreRange: 'ERR min or max is not a float',
  lexRange: 'ERR min or max not valid string range item',
  weightNotFloat: 'ERR weight value is not a float',
  numkeysPositive: 'ERR numkeys should be greater than 0',
  numkeysTooMany: "ERR Number of keys can't be greater than number of args",
  countPositive: 'ERR count should be greater than 0',
  countNegative: "ERR COUNT can't be negative",
  limitNegative: "ERR LIMIT can't be negative",
  maxlenNegative: "ERR MAXLEN can't be negative",
  rankZero:
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
  zaddNxXx: 'ERR XX and NX options at the same time are not compatible',
  zaddGtLtNx: 'ERR GT, LT, and/or NX options at the same time are not compatible',
  zaddIncrPair: 'ERR INCR option supports a single increment-element pair',
  rangeLimit: 'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
  rangeLexScores: 'ERR syntax error, WITHSCORES not supported in combination with BYLEX',
  novaluesOnlyHscan: 'ERR NOVALUES option can only be used in HSCAN',
  noscoresOnlyZscan: 'ERR NOSCORES option can only be used in ZSCAN',
} as const

/** Bytes of a word of the request that an error text repeats. */
export const ECHOED_BYTES = 128

/** Bytes, one character each, as C prints them by `%s`: up to the first zero byte. */
export function printed(latin1: string): string {
  const zero = latin1.indexOf('\0')
  return zero < 0 ? latin1 : latin1.slice(0, zero)
}

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
