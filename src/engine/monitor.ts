/**
 * MONITOR: shows every command to the connections that asked for it.
 */
import type { Monitor as MonitorService } from '../commands/services/monitor.ts'
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import type { Client } from './client.ts'
import type { Clock } from './clock.ts'

/** Bytes with an escape of their own. */
const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
}

/**
 * The bytes in double quotes, what is not printable ASCII escaped. Valkey 8.1.1 leaves quotes and backslashes as they
 * are, and its lines can be read in more than one way; here they are escaped.
 */
export function quoted(b: Bytes): string {
  let text = '"'
  for (let i = 0; i < b.len; i++) {
    const c = b.byteAt(i)
    const known = ESCAPES[c]
    if (known !== undefined) text += known
    else if (c >= 0x20 && c < 0x7f) text += String.fromCharCode(c)
    else text += `\\x${c.toString(16).padStart(2, '0')}`
  }
  return `${text}"`
}

export class Monitor implements MonitorService {
  /** Somebody watches: commands need be shown. */
  active = false
  private readonly clients = new Set<Client>()
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  add(client: Client): void {
    client.isMonitor = true
    this.clients.add(client)
    this.active = true
  }

  remove(client: Client): void {
    client.isMonitor = false
    this.clients.delete(client)
    this.active = this.clients.size > 0
  }

  feed(client: Client, dbIndex: number, args: Args, inScript: boolean): void {
    const micros = this.clock.microseconds()
    const time = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`
    let line = `+${time} [${dbIndex} ${inScript ? 'lua' : originOf(client)}]`
    for (let i = 0; i < args.count; i++) line += ` ${quoted(args.at(i))}`
    const message = Bytes.from(`${line}\r\n`, 'latin1')
    for (const monitor of this.clients) monitor.transport?.enqueue(message)
  }
}

function originOf({ transport }: Client): string {
  if (transport === null) return ''
  // The address of a unix socket ends with a port that means nothing.
  return transport.isUnix ? `unix:${transport.localAddress.replace(/:0$/, '')}` : transport.address
}
