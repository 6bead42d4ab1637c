/**
 * A node of the cluster as this one knows it: its names and addresses, what it is, how it fares.
 */

const NODE_ID_LENGTH = 40

export const MYSELF = 1 << 0
export const PRIMARY = 1 << 1
export const REPLICA = 1 << 2
/** It does not answer, as far as this node knows. */
export const PFAIL = 1 << 3
/** It does not answer, as the majority knows. */
export const FAIL = 1 << 4
export const HANDSHAKE = 1 << 5
export const NO_ADDRESS = 1 << 6
export const NO_FAILOVER = 1 << 7

/** In the order they are printed. */
export const NODE_FLAGS: readonly (readonly [number, string])[] = [
  [MYSELF, 'myself'],
  [PRIMARY, 'master'],
  [REPLICA, 'slave'],
  [PFAIL, 'fail?'],
  [FAIL, 'fail'],
  [HANDSHAKE, 'handshake'],
  [NO_ADDRESS, 'noaddr'],
  [NO_FAILOVER, 'nofailover'],
]

/** How a client is connected, which decides what it is told of nodes. */
export interface ClientView {
  readonly overIpv6: boolean
  readonly overTls: boolean
}

export class ClusterNode {
  id: string
  /** Of the primary and its replicas together. */
  shardId: string
  flags: number
  ip = ''
  port = 0
  tlsPort = 0
  busPort = 0
  hostname = ''
  /** A name for people. */
  nodename = ''
  /** Addresses for clients that come by IPv4 or IPv6, where they differ from `ip`. */
  clientIpv4 = ''
  clientIpv6 = ''
  /** Whose replica it is; null for a primary, or where it is not known. */
  primary: ClusterNode | null = null
  readonly replicas: ClusterNode[] = []
  /** 64 bits, unsigned; a replica's is its primary's. */
  configEpoch = 0n
  /** Unix ms of a ping that is not answered, 0: none. */
  pingSent = 0
  /** Unix ms of the last answer, 0: none yet. */
  pongReceived = 0
  /** How many slots it serves; Topology counts them. */
  slots = 0

  constructor(id: string, shardId: string, flags: number) {
    this.id = id
    this.shardId = shardId
    this.flags = flags
  }

  is(flags: number): boolean {
    return (this.flags & flags) !== 0
  }

  /** It has a say in what the majority knows. */
  get votes(): boolean {
    return this.is(PRIMARY) && this.slots > 0
  }

  get epoch(): bigint {
    return this.primary === null ? this.configEpoch : this.primary.configEpoch
  }

  /** The address a client is to use. */
  ipFor({ overIpv6 }: ClientView): string {
    return (overIpv6 ? this.clientIpv6 : this.clientIpv4) || this.ip
  }

  portFor({ overTls }: ClientView): number {
    return overTls ? this.tlsPort : this.port
  }

  follow(primary: ClusterNode): void {
    this.primary = primary
    if (!primary.replicas.includes(this)) primary.replicas.push(this)
  }
}

export function isNodeId(text: string): boolean {
  return text.length === NODE_ID_LENGTH && /^[a-z0-9]*$/.test(text)
}
