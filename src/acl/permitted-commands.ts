/**
 * The commands that a selector permits: all or none to begin with, and the rules that changed that, in the order that
 * makes them again.
 */
import { NO_AUTH } from '../commands/flags.ts'
import type { CommandTraits } from '../commands/traits.ts'
import type { Args } from '../memory/args.ts'
import { lowerCase } from './vocabulary.ts'

interface CommandRule {
  readonly sign: '+' | '-'
  /** `get`, `config|get`, `select|0`, `@string` */
  readonly name: string
}

export class PermittedCommands {
  /** What a command is that no rule speaks of. */
  private beginsWithAll = false
  private readonly exceptions = new Set<CommandTraits>()
  /** First arguments, upper case, with which a command is permitted that otherwise is not. */
  private readonly firstArguments = new Map<CommandTraits, readonly string[]>()
  private rules: readonly CommandRule[] = []

  copy(): PermittedCommands {
    const copy = new PermittedCommands()
    copy.beginsWithAll = this.beginsWithAll
    for (const command of this.exceptions) copy.exceptions.add(command)
    for (const [command, words] of this.firstArguments) copy.firstArguments.set(command, words)
    copy.rules = this.rules
    return copy
  }

  get isEverything(): boolean {
    return this.beginsWithAll && this.exceptions.size === 0
  }

  /** `+@all` and `-@all`. */
  setAll(permitted: boolean): void {
    this.beginsWithAll = permitted
    this.exceptions.clear()
    this.firstArguments.clear()
    this.rules = []
  }

  /** A command with all its subcommands, or a subcommand. */
  set(command: CommandTraits, permitted: boolean): void {
    this.mark(command, permitted)
    this.remember(command.name, permitted)
  }

  setCategory(name: string, members: readonly CommandTraits[], permitted: boolean): void {
    for (const command of members) this.mark(command, permitted)
    this.remember(`@${lowerCase(name)}`, permitted)
  }

  /** Permits a command when its first argument is this word. */
  addFirstArgument(command: CommandTraits, word: string): void {
    const known = this.firstArguments.get(command) ?? []
    const folded = word.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
    if (!known.includes(folded)) this.firstArguments.set(command, [...known, folded])
    this.remember(`${command.name}|${lowerCase(word)}`, true)
  }

  /** Whether a request may run, as far as its command goes. What logs in is permitted to all. */
  permit(command: CommandTraits, args: Args): boolean {
    if (this.beginsWithAll !== this.exceptions.has(command) || (command.flags & NO_AUTH) !== 0) return true
    const words = this.firstArguments.get(command)
    return words !== undefined && args.count > 1 && words.some((word) => args.at(1).is(word))
  }

  /** The rules that make it: `-@all +get +@hash`. */
  describe(): string {
    const begin = this.beginsWithAll ? '+@all' : '-@all'
    return [begin, ...this.rules.map(({ sign, name }) => sign + name)].join(' ')
  }

  private mark(command: CommandTraits, permitted: boolean): void {
    this.markOne(command, permitted)
    this.firstArguments.delete(command)
    for (const subcommand of command.subcommands?.values ?? []) this.markOne(subcommand, permitted)
  }

  private markOne(command: CommandTraits, permitted: boolean): void {
    if (permitted === this.beginsWithAll) this.exceptions.delete(command)
    else this.exceptions.add(command)
  }

  /** A rule takes the place of earlier ones about the same, and about its subcommands and first arguments. */
  private remember(name: string, permitted: boolean): void {
    const others = this.rules.filter((rule) => rule.name !== name && !rule.name.startsWith(`${name}|`))
    this.rules = [...others, { sign: permitted ? '+' : '-', name }]
  }
}
