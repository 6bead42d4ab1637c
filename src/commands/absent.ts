/**
 * The commands of Valkey that this server does not have. A client that sends one is told that it is unknown; rules of
 * users and of scripts may speak of it as if it were there.
 */
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import { categoriesOf } from './acl-categories.ts'
import type { CommandFacts } from './facts.ts'
import { ADMIN, BLOCKING, DENYOOM, FAST, MAY_REPLICATE, NOSCRIPT, READONLY, WRITE } from './flags.ts'
import type { FoundKey } from './key-positions.ts'
import type { CommandTraits } from './traits.ts'

/** No command's name is as long. */
const NAME_MAX = 32

/** As in the record of a command that there is, but for the name, which is a subcommand's full one. */
type AbsentSpec = Pick<CommandFacts, 'name' | 'arity' | 'flags' | 'acl'>

const ABSENT: readonly AbsentSpec[] = [
  { name: 'bgrewriteaof', arity: 1, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'bgsave', arity: -1, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'bitcount', arity: -2, flags: READONLY, acl: ['bitmap'] },
  { name: 'bitfield', arity: -2, flags: WRITE | DENYOOM, acl: ['bitmap'] },
  { name: 'bitfield_ro', arity: -2, flags: READONLY | FAST, acl: ['bitmap'] },
  { name: 'bitop', arity: -4, flags: WRITE | DENYOOM, acl: ['bitmap'] },
  { name: 'bitpos', arity: -3, flags: READONLY, acl: ['bitmap'] },
  { name: 'blmove', arity: 6, flags: WRITE | DENYOOM | BLOCKING, acl: ['list'] },
  { name: 'blmpop', arity: -5, flags: WRITE | BLOCKING, acl: ['list'] },
  { name: 'blpop', arity: -3, flags: WRITE | BLOCKING, acl: ['list'] },
  { name: 'brpop', arity: -3, flags: WRITE | BLOCKING, acl: ['list'] },
  { name: 'brpoplpush', arity: 4, flags: WRITE | DENYOOM | BLOCKING, acl: ['list'] },
  { name: 'bzmpop', arity: -5, flags: WRITE | BLOCKING, acl: ['sortedset'] },
  { name: 'bzpopmax', arity: -3, flags: WRITE | BLOCKING | FAST, acl: ['sortedset'] },
  { name: 'bzpopmin', arity: -3, flags: WRITE | BLOCKING | FAST, acl: ['sortedset'] },
  { name: 'command|docs', arity: -2, flags: 0, acl: ['connection'] },
  { name: 'failover', arity: -1, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'geoadd', arity: -5, flags: WRITE | DENYOOM, acl: ['geo'] },
  { name: 'geodist', arity: -4, flags: READONLY, acl: ['geo'] },
  { name: 'geohash', arity: -2, flags: READONLY, acl: ['geo'] },
  { name: 'geopos', arity: -2, flags: READONLY, acl: ['geo'] },
  { name: 'georadius', arity: -6, flags: WRITE | DENYOOM, acl: ['geo'] },
  { name: 'georadius_ro', arity: -6, flags: READONLY, acl: ['geo'] },
  { name: 'georadiusbymember', arity: -5, flags: WRITE | DENYOOM, acl: ['geo'] },
  { name: 'georadiusbymember_ro', arity: -5, flags: READONLY, acl: ['geo'] },
  { name: 'geosearch', arity: -7, flags: READONLY, acl: ['geo'] },
  { name: 'geosearchstore', arity: -8, flags: WRITE | DENYOOM, acl: ['geo'] },
  { name: 'migrate', arity: -6, flags: WRITE, acl: ['keyspace', 'dangerous'] },
  { name: 'module', arity: -2, flags: 0, acl: [] },
  { name: 'module|help', arity: 2, flags: 0, acl: [] },
  { name: 'module|list', arity: 2, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'module|load', arity: -3, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'module|loadex', arity: -3, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'module|unload', arity: 3, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'pfadd', arity: -2, flags: WRITE | DENYOOM | FAST, acl: ['hyperloglog'] },
  { name: 'pfcount', arity: -2, flags: READONLY | MAY_REPLICATE, acl: ['hyperloglog'] },
  { name: 'pfdebug', arity: 3, flags: WRITE | DENYOOM | ADMIN, acl: ['hyperloglog'] },
  { name: 'pfmerge', arity: -2, flags: WRITE | DENYOOM, acl: ['hyperloglog'] },
  { name: 'pfselftest', arity: 1, flags: ADMIN, acl: ['hyperloglog'] },
  { name: 'psync', arity: -3, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'replconf', arity: -1, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'replicaof', arity: 3, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'save', arity: 1, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'slaveof', arity: 3, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'sync', arity: 1, flags: ADMIN | NOSCRIPT, acl: [] },
  { name: 'waitaof', arity: 4, flags: BLOCKING, acl: ['connection'] },
  { name: 'xack', arity: -4, flags: WRITE | FAST, acl: ['stream'] },
  { name: 'xadd', arity: -5, flags: WRITE | DENYOOM | FAST, acl: ['stream'] },
  { name: 'xautoclaim', arity: -6, flags: WRITE | FAST, acl: ['stream'] },
  { name: 'xclaim', arity: -6, flags: WRITE | FAST, acl: ['stream'] },
  { name: 'xdel', arity: -3, flags: WRITE | FAST, acl: ['stream'] },
  { name: 'xgroup', arity: -2, flags: 0, acl: [] },
  { name: 'xgroup|create', arity: -5, flags: WRITE | DENYOOM, acl: ['stream'] },
  { name: 'xgroup|createconsumer', arity: 5, flags: WRITE | DENYOOM, acl: ['stream'] },
  { name: 'xgroup|delconsumer', arity: 5, flags: WRITE, acl: ['stream'] },
  { name: 'xgroup|destroy', arity: 4, flags: WRITE, acl: ['stream'] },
  { name: 'xgroup|help', arity: 2, flags: 0, acl: ['stream'] },
  { name: 'xgroup|setid', arity: -5, flags: WRITE, acl: ['stream'] },
  { name: 'xinfo', arity: -2, flags: 0, acl: [] },
  { name: 'xinfo|consumers', arity: 4, flags: READONLY, acl: ['stream'] },
  { name: 'xinfo|groups', arity: 3, flags: READONLY, acl: ['stream'] },
  { name: 'xinfo|help', arity: 2, flags: 0, acl: ['stream'] },
  { name: 'xinfo|stream', arity: -3, flags: READONLY, acl: ['stream'] },
  { name: 'xlen', arity: 2, flags: READONLY | FAST, acl: ['stream'] },
  { name: 'xpending', arity: -3, flags: READONLY, acl: ['stream'] },
  { name: 'xrange', arity: -4, flags: READONLY, acl: ['stream'] },
  { name: 'xread', arity: -4, flags: READONLY | BLOCKING, acl: ['stream'] },
  { name: 'xreadgroup', arity: -7, flags: WRITE | BLOCKING, acl: ['stream'] },
  { name: 'xrevrange', arity: -4, flags: READONLY, acl: ['stream'] },
  { name: 'xsetid', arity: -3, flags: WRITE | DENYOOM | FAST, acl: ['stream'] },
  { name: 'xtrim', arity: -4, flags: WRITE, acl: ['stream'] },
]

export class AbsentCommand implements CommandTraits {
  readonly name: string
  readonly arity: number
  readonly flags: number
  readonly categories: CommandTraits['categories']
  // Where its keys and channels are is not written down: rules about them cannot be asked.
  readonly hasKeys = false
  readonly channels = undefined

  constructor(spec: AbsentSpec) {
    this.name = spec.name
    this.arity = spec.arity
    this.flags = spec.flags
    this.categories = categoriesOf(spec)
  }

  get subcommands(): { readonly values: readonly AbsentCommand[] } | null {
    const values = ABSENT_COMMANDS.filter(({ name }) => name.startsWith(`${this.name}|`))
    return values.length === 0 ? null : { values }
  }

  keys(): readonly FoundKey[] {
    return []
  }

  acceptsCount(count: number): boolean {
    return this.arity < 0 ? count >= -this.arity : count === this.arity
  }
}

export const ABSENT_COMMANDS: readonly AbsentCommand[] = ABSENT.map((spec) => new AbsentCommand(spec))

const byName = new Map(ABSENT_COMMANDS.map((command) => [command.name, command]))

/** By full name, letters in either case. */
export function isAbsent(name: string): boolean {
  return byName.has(name.toLowerCase())
}

/** The command that a request means, where it is one of these. */
export function absentCommand(args: Args): AbsentCommand | undefined {
  const name = word(args.at(0))
  if (name.includes('|')) return undefined
  const command = byName.get(name)
  if (args.count < 2) return command
  return byName.get(`${name}|${word(args.at(1))}`) ?? (command?.subcommands === null ? command : undefined)
}

/** Lower case; of longer ones, which name nothing, as much as shows that. */
function word(bytes: Bytes): string {
  return bytes.slice(0, Math.min(bytes.len, NAME_MAX)).latin1().toLowerCase()
}
