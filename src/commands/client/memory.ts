/**
 * The memory that a client's connection takes: `tot-mem` of CLIENT LIST, and what `maxmemory-clients` limits.
 */
import type { Args } from '../../memory/args.ts'
import { CLIENT_BYTES, QUEUED_COMMAND_BYTES } from '../../memory/object-sizes.ts'
import type { Client } from '../session.ts'

/** An argument in a request, beside its bytes. */
const ARGUMENT_BYTES = 8

/** Bytes of a request that is running. */
export function requestBytes(args: Args): number {
  return args.bytes + args.count * ARGUMENT_BYTES
}

/** Bytes of the commands that a transaction has gathered. */
export function queueBytes(client: Client): number {
  return client.queuedBytes + (client.queue?.length ?? 0) * QUEUED_COMMAND_BYTES
}

/** All bytes but those of a request that is running. */
export function clientBytes(client: Client): number {
  const { transport } = client
  const buffers = transport === null ? 0 : transport.inputBytes + transport.inputFree + transport.outputBytes
  return CLIENT_BYTES + buffers + queueBytes(client) + client.watchedBytes + client.subscribedBytes
}
