/**
 * Preloaded by `make test`: property tests draw from the seed PERILUNE_SEED, so that a run can be repeated. Without it, each
 * run draws inputs of its own, and a failure tells the seed. JavaScript, as threads preload it before they know TypeScript.
 */
import fc from 'fast-check'

const { PERILUNE_SEED } = process.env
if (PERILUNE_SEED) fc.configureGlobal({ seed: Number(PERILUNE_SEED) })
