/**
 * The filters that CLIENT LIST and CLIENT KILL share.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import { parseInt64 } from '../../memory/numbers.ts'
import { hasMore, integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import type { Client } from '../session.ts'

type ClientType = 'normal' | 'pubsub' | 'replica' | 'primary'

const TYPES: Readonly<Record<string, ClientType>> = {
  normal: 'normal',
  pubsub: 'pubsub',
  replica: 'replica',
  slave: 'replica',
  primary: 'primary',
  master: 'primary',
}

function typeOf(client: Client): ClientType {
  return client.subscriptions + client.shardSubscriptions > 0 ? 'pubsub' : 'normal'
}

export class ClientFilter {
  ids: Set<number> | null = null
  address: string | null = null
  localAddress: string | null = null
  type: ClientType | null = null
  user: string | null = null
  /** Seconds. */
  minAge = 0
  skipMe: boolean

  constructor(skipMe: boolean) {
    this.skipMe = skipMe
  }

  /** Reads the filters from the argument at `index` on. */
  parse(args: Args, index: number, ctx: Context): void {
    for (let i = index; i < args.count; ) {
      const word = args.at(i)
      if (word.is('ID')) i = this.parseIds(args, i + 1)
      else if (hasMore(args, i)) {
        this.parseOption(word, args.at(i + 1), ctx)
        i += 2
      } else fail('syntax')
    }
  }

  /** All numbers up to the next filter; the position behind them. */
  private parseIds(args: Args, start: number): number {
    this.ids ??= new Set()
    let i = start
    for (; i < args.count; i++) {
      const id = parseInt64(args.at(i))
      if (id === undefined) break
      if (id < 1) failWith('ERR client-id should be greater than 0')
      this.ids.add(Number(id))
    }
    return i
  }

  private parseOption(word: Bytes, value: Bytes, ctx: Context): void {
    if (word.is('MAXAGE')) {
      this.minAge = integerArg(value, 'ERR maxage is not an integer or out of range')
      if (this.minAge <= 0) failWith('ERR maxage should be greater than 0')
    } else if (word.is('TYPE')) {
      this.type =
        TYPES[value.latin1().toLowerCase()] ?? failWith(`ERR Unknown client type '${value.printed()}'`)
    } else if (word.is('ADDR')) this.address = value.latin1()
    else if (word.is('LADDR')) this.localAddress = value.latin1()
    else if (word.is('USER')) {
      this.user = value.latin1()
      if (!ctx.server.access.has(this.user)) failWith(`ERR No such user '${value.printed()}'`)
    } else if (word.is('SKIPME')) {
      if (!value.is('YES') && !value.is('NO')) fail('syntax')
      this.skipMe = value.is('YES')
    } else fail('syntax')
  }

  matches(client: Client, ctx: Context): boolean {
    const { transport } = client
    if (this.address !== null && transport?.address !== this.address) return false
    if (this.localAddress !== null && transport?.localAddress !== this.localAddress) return false
    if (this.type !== null && typeOf(client) !== this.type) return false
    if (this.ids !== null && !this.ids.has(client.id)) return false
    if (this.user !== null && client.user.name !== this.user) return false
    if (this.skipMe && client === ctx.client) return false
    return Math.floor(ctx.now / 1000) - Math.floor(client.createdAt / 1000) >= this.minAge
  }
}
