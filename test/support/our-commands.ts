/**
 * Commands that only Perilune has; what is held against a real Valkey leaves them out.
 */
export const OUR_COMMANDS: ReadonlySet<string> = new Set(['script|stats'])
