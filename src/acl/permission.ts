/**
 * Whether a user may run a request: its command, and the keys and channels among its arguments.
 */
import type { FoundKey } from '../commands/key-positions.ts'
import type { CommandTraits } from '../commands/traits.ts'
import type { Args } from '../memory/args.ts'
import { accessOf } from './patterns.ts'
import type { Selector } from './selector.ts'
import type { User } from './user.ts'

/** What a user lacks; the position of the key or channel among the arguments. */
export interface Denial {
  readonly reason: 'command' | 'key' | 'channel'
  readonly position: number
}

const COMMAND_DENIED: Denial = { reason: 'command', position: 0 }

/** Of several selectors' denials the one is told that came nearest to permitting the request. */
const NEARNESS = { command: 0, key: 1, channel: 2 } as const

/** A request, and its keys once they are looked for. */
class Request {
  readonly command: CommandTraits
  readonly args: Args
  private found: readonly FoundKey[] | undefined

  constructor(command: CommandTraits, args: Args) {
    this.command = command
    this.args = args
  }

  /** A script may ask about a request that is cut short: it has no keys. */
  get keys(): readonly FoundKey[] {
    const { command, args } = this
    const isComplete = args.count >= Math.abs(command.arity)
    return (this.found ??= isComplete ? command.keys(args) : [])
  }

  /** How many of the arguments name channels; they follow the command's name. */
  get channelCount(): number {
    const given = this.args.count - 1
    return this.command.channels === 'publish' ? Math.min(given, 1) : given
  }
}

/** Undefined where the request is permitted. */
export function denialOf(user: User, command: CommandTraits, args: Args): Denial | undefined {
  if (user.isUnrestricted) return undefined
  const request = new Request(command, args)
  let told = deny(user.root, request)
  for (const selector of user.selectors) {
    if (told === undefined) return undefined
    const denial = deny(selector, request)
    if (denial === undefined || isNearer(denial, told)) told = denial
  }
  return told
}

function isNearer(a: Denial, b: Denial): boolean {
  const difference = NEARNESS[a.reason] - NEARNESS[b.reason]
  return difference > 0 || (difference === 0 && a.position > b.position)
}

/** Whether a request is permitted by a selector that permits such access to every key. */
export function permitsWithEveryKey(user: User, command: CommandTraits, args: Args, access: number): boolean {
  if (user.isUnrestricted) return true
  const request = new Request(command, args)
  return [user.root, ...user.selectors].some(
    (selector) => selector.keys.permitEvery(access) && deny(selector, request) === undefined,
  )
}

function deny(selector: Selector, request: Request): Denial | undefined {
  const { command, args } = request
  if (!selector.commands.permit(command, args)) return COMMAND_DENIED
  if (command.hasKeys && !selector.keys.isAll) {
    for (const { position, flags } of request.keys) {
      if (!selector.keys.permit(args.at(position), accessOf(flags))) return { reason: 'key', position }
    }
  }
  const { channels: use } = command
  if (use === undefined || selector.channels.isAll) return undefined
  for (let position = 1; position <= request.channelCount; position++) {
    const name = args.at(position)
    const permitted =
      use === 'psubscribe' ? selector.channels.permitPattern(name) : selector.channels.permit(name)
    if (!permitted) return { reason: 'channel', position }
  }
  return undefined
}
