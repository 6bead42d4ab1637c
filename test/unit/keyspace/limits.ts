import { Config } from '../../../src/config.ts'

/** The thresholds of a server without configuration. */
export const limits = new Config().values
