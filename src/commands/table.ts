/**
 * The commands as dispatch, COMMAND and ACL see them: what follows from each specification, and the look-up by name.
 */
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import { NameTable } from '../memory/name-table.ts'
import { isAbsent } from './absent.ts'
import { type AclCategory, categoriesOf } from './acl-categories.ts'
import type { ChannelUse } from './facts.ts'
import { ANY_COMMAND } from './flags.ts'
import { type FoundKey, hasKeys, type KeyRange, keysOfRequest, legacyRange } from './key-positions.ts'
import type { CommandDirectory, ListedCommand } from './services/commands.ts'
import type { CommandSpec, Handler } from './spec.ts'

export class Command implements ListedCommand {
  readonly id: number
  readonly name: string
  readonly arity: number
  private readonly minCount: number
  private readonly maxCount: number
  readonly flags: number
  readonly run: Handler
  readonly subcommands: NameTable<Command> | null
  readonly parent: Command | null
  readonly spec: CommandSpec
  readonly categories: readonly AclCategory[]
  readonly keyRange: KeyRange
  readonly hasKeys: boolean
  readonly channels: ChannelUse | undefined
  /** It runs a script or a function. */
  readonly isScript: boolean

  constructor(spec: CommandSpec, id: number, parent: Command | null) {
    const { range, flags } = legacyRange(spec.keys)
    this.id = id
    this.name = parent === null ? spec.name : `${parent.name}|${spec.name}`
    this.arity = spec.arity
    this.minCount = Math.abs(spec.arity)
    this.maxCount = spec.arity < 0 ? Number.MAX_SAFE_INTEGER : spec.arity
    this.flags = spec.flags | flags | ANY_COMMAND
    this.run = spec.run ?? mustNameSubcommand
    this.subcommands = spec.subcommands === undefined ? null : new NameTable()
    this.parent = parent
    this.spec = spec
    this.categories = categoriesOf(spec)
    this.keyRange = range
    this.hasKeys = hasKeys(spec)
    this.channels = spec.channels
    this.isScript = spec.group === 'scripting' && this.hasKeys
  }

  keys(args: Args): readonly FoundKey[] {
    return keysOfRequest(this.spec, args)
  }

  acceptsCount(count: number): boolean {
    return count >= this.minCount && count <= this.maxCount
  }
}

/** Dispatch asks for a subcommand before it calls a parent. */
function mustNameSubcommand(): never {
  throw new Error('called without a subcommand')
}

export class CommandTable implements CommandDirectory {
  private readonly byName = new NameTable<Command>()
  private readonly commands: Command[] = []

  constructor(specs: readonly CommandSpec[]) {
    for (const spec of specs) {
      const command = this.register(spec, null)
      if (!this.byName.add(spec.name, command)) throw new Error(`command ${spec.name} is defined twice`)
    }
  }

  private register(spec: CommandSpec, parent: Command | null): Command {
    const command = new Command(spec, this.commands.length, parent)
    this.commands.push(command)
    for (const sub of spec.subcommands ?? []) {
      if (!command.subcommands!.add(sub.name, this.register(sub, command))) {
        throw new Error(`subcommand ${command.name}|${sub.name} is defined twice`)
      }
    }
    return command
  }

  /** The command of that name, letters in either case; a parent where it has subcommands. */
  lookup(name: Bytes): Command | undefined {
    return this.byName.find(name)
  }

  subcommand(parent: Command, word: Bytes): Command | undefined {
    return parent.subcommands?.find(word)
  }

  lookupFull(name: Bytes): Command | undefined {
    const bar = name.buf.subarray(name.off, name.off + name.len).indexOf('|')
    if (bar < 0) return this.lookup(name)
    const parent = this.lookup(name.slice(0, bar))
    return parent === undefined ? undefined : this.subcommand(parent, name.slice(bar + 1))
  }

  resolve(args: Args): Command | undefined {
    const command = this.lookup(args.at(0))
    if (command === undefined || command.subcommands === null || args.count < 2) return command
    return this.subcommand(command, args.at(1))
  }

  byId(id: number): Command {
    return this.commands[id]!
  }

  get all(): readonly Command[] {
    return this.commands
  }

  get topLevel(): readonly Command[] {
    return this.byName.values
  }

  /**
   * `rename-command`: an empty new name removes the command. Says what is wrong, if anything is; that a command is not
   * there to be renamed is not.
   */
  rename(from: string, to: string): string | undefined {
    const command = this.byName.remove(from)
    if (command === undefined) return isAbsent(from) ? undefined : 'No such command in rename-command'
    if (to !== '' && !this.byName.add(to, command)) return 'Target command name already exists'
    return undefined
  }
}
