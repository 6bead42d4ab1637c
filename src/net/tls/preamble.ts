/**
 * The line with which the TLS thread begins each of its connections to the engine: a secret that only this process knows,
 * and whose connection it is.
 */
import { timingSafeEqual } from 'node:crypto'
import { PORT_MAX } from '../../config/checks.ts'
import type { Endpoint, Ends } from '../tcp.ts'

/** A secret, two addresses with their zones and two ports are shorter. */
export const PREAMBLE_MAX = 256

export function writePreamble(secret: string, { remote, local }: Ends): string {
  return `${secret} ${remote.address} ${remote.port} ${local.address} ${local.port}\n`
}

/** Reads a line without its end; undefined when it is not of the TLS thread. */
export function readPreamble(secret: string, line: string): Ends | undefined {
  const words = line.split(' ')
  if (words.length !== 5 || !isSame(words[0]!, secret)) return undefined
  const remote = endpoint(words[1]!, words[2]!)
  const local = endpoint(words[3]!, words[4]!)
  return remote && local && { remote, local }
}

function isSame(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function endpoint(address: string, digits: string): Endpoint | undefined {
  const port = Number(digits)
  if (address === '' || !/^[0-9]+$/.test(digits) || port > PORT_MAX) return undefined
  return { address, port }
}
