/**
 * A client as CLIENT LIST and CLIENT INFO print it.
 */
import { printed } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Client } from '../session.ts'
import { clientBytes, queueBytes, requestBytes } from './memory.ts'

function flagsOf(client: Client): string {
  let flags = ''
  if (client.isMonitor) flags += 'O'
  if (client.subscriptions + client.shardSubscriptions > 0) flags += 'P'
  if (client.queue !== null) flags += 'x'
  if (client.suspended) flags += 'b'
  if (client.watchBroken) flags += 'd'
  if (client.closeAfterReply) flags += 'c'
  if (client.transport?.isUnix) flags += 'U'
  if (client.readOnly) flags += 'r'
  if (client.noEvict) flags += 'e'
  if (client.noTouch) flags += 'T'
  return flags === '' ? 'N' : flags
}

/** `now` in Unix ms; `running`: arguments of the client's command, if it is the one that runs. */
export function clientLine(client: Client, now: number, running: Args | undefined): string {
  const { transport } = client
  const input = transport?.inputBytes ?? 0
  const inputFree = transport?.inputFree ?? 0
  const output = transport?.outputBytes ?? 0
  const seconds = Math.floor(now / 1000)
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', client.id],
    ['addr', transport?.address ?? ''],
    ['laddr', transport?.localAddress ?? ''],
    ['fd', transport?.fd ?? -1],
    ['name', printed(client.name)],
    ['age', seconds - Math.floor(client.createdAt / 1000)],
    ['idle', Math.max(0, seconds - Math.floor(client.lastActive / 1000))],
    ['flags', flagsOf(client)],
    ['capa', client.canRedirect ? 'r' : ''],
    ['db', client.dbIndex],
    ['sub', client.channels?.size ?? 0],
    ['psub', client.patterns?.size ?? 0],
    ['ssub', client.shardChannels?.size ?? 0],
    ['multi', client.queue?.length ?? (client.hasTransacted ? 0 : -1)],
    ['watch', client.watched?.size ?? 0],
    ['qbuf', input],
    ['qbuf-free', inputFree],
    ['argv-mem', running === undefined ? 0 : running.bytes],
    ['multi-mem', queueBytes(client)],
    // Replies have no buffer of their own in each client: only what the kernel has not taken is kept.
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', output > 0 ? 1 : 0],
    ['omem', output],
    ['tot-mem', clientBytes(client) + (running === undefined ? 0 : requestBytes(running))],
    ['events', output > 0 ? 'rw' : 'r'],
    ['cmd', client.lastCommandName],
    ['user', client.user.name],
    ['redir', -1],
    ['resp', client.protocol],
    ['lib-name', printed(client.libName)],
    ['lib-ver', printed(client.libVersion)],
    ['tot-net-in', client.bytesIn],
    ['tot-net-out', client.bytesOut],
    ['tot-cmds', client.commandsProcessed],
  ]
  return fields.map(([name, value]) => `${name}=${value}`).join(' ')
}
