/**
 * The versions the server speaks of: its own, and those of the servers it is compatible with.
 */
export const PERILUNE_VERSION = '0.1.0'

/** What HELLO, INFO and `server.SERVER_VERSION` say: clients decide by it what they may use. */
export const VALKEY_VERSION = '8.1.1'

/** The Redis version Valkey 8.1 declares itself compatible with. */
export const REDIS_VERSION = '7.2.4'
