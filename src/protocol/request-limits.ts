/**
 * The limits on requests: those of the protocol, and those of clients that have not authenticated yet.
 */

/** A line (an inline request, a count or a length) may not be longer. */
export const LINE_BYTES_MAX = 64 * 1024
/** Arguments of one request. */
export const ARGUMENTS_MAX = 2 ** 31 - 1
/** Offsets and lengths are kept as 32-bit integers, so no argument can be longer, whatever the configuration says. */
export const BULK_BYTES_MAX = 2 ** 31 - 1
/** Requests of clients that have not authenticated. */
export const UNAUTHENTICATED_ARGUMENTS_MAX = 10
export const UNAUTHENTICATED_BULK_BYTES_MAX = 16384
/** Arguments from this size on that arrive in pieces get a buffer of their own. */
export const LARGE_BULK_BYTES = 32 * 1024

export interface RequestLimits {
  /** `proto-max-bulk-len`. */
  maxBulk: number
  authenticated: boolean
}

/** Why a request is refused; the text is without the code. */
export const PROTOCOL_ERRORS = {
  bigInline: 'Protocol error: too big inline request',
  bigCount: 'Protocol error: too big mbulk count string',
  invalidCount: 'Protocol error: invalid multibulk length',
  unauthenticatedCount: 'Protocol error: unauthenticated multibulk length',
  bigLength: 'Protocol error: too big bulk count string',
  invalidLength: 'Protocol error: invalid bulk length',
  unauthenticatedLength: 'Protocol error: unauthenticated bulk length',
  unbalancedQuotes: 'Protocol error: unbalanced quotes in request',
} as const
