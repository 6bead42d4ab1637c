/**
 * Chooses how the server does its sockets.
 */
import type { SocketLayer } from './tcp.ts'
import * as handles from './tcp-handles.ts'
import { layer as publicLayer } from './tcp-public.ts'

/** The fast implementation where this Node has what it needs and nobody asked for the other: PERILUNE_NET=public. */
export function socketLayer(wanted = process.env.PERILUNE_NET): SocketLayer {
  if (wanted === 'public') return publicLayer
  return handles.layer() ?? publicLayer
}
