/**
 * What the JavaScript objects of the server's structures take beside the bytes counted elsewhere, in bytes. Measured, with
 * the handle that refers to each: `bench/memory.ts` holds them against the memory of the process.
 */

/** A buffer with memory of its own. */
export const BUFFER_BYTES = 400
/** A dictionary without its table. */
export const DICT_BYTES = 288
/** A large sorted set beside its dictionary. */
export const SORTED_SET_BYTES = 128
/** A connection with its session, without buffers. */
export const CLIENT_BYTES = 4096
/** A command in a transaction's queue, beside its arguments' bytes. */
export const QUEUED_COMMAND_BYTES = 512
/** A watched key, and a subscription, beside the bytes of its name. */
export const WATCH_BYTES = 512
export const SUBSCRIPTION_BYTES = 256
/** A large list without its directory. */
export const QUICKLIST_BYTES = 400
