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
/** A large list without its directory. */
export const QUICKLIST_BYTES = 400
