/**
 * The names that rules may use: commands by the names they were born with, whatever `rename-command` made of them, those
 * among them that this server does not have, and categories.
 */
import { ACL_CATEGORIES, type AclCategory } from '../commands/acl-categories.ts'
import type { CommandTraits } from '../commands/traits.ts'

export class Vocabulary {
  private readonly commands = new Map<string, CommandTraits>()
  private readonly members = new Map<AclCategory, readonly CommandTraits[]>()

  constructor(commands: readonly CommandTraits[]) {
    for (const command of commands) this.commands.set(command.name, command)
    for (const category of ACL_CATEGORIES) {
      this.members.set(
        category,
        commands.filter((command) => command.categories.includes(category)),
      )
    }
  }

  /** By full name (`get`, `config|get`), letters in either case. */
  command(name: string): CommandTraits | undefined {
    return this.commands.get(lowerCase(name))
  }

  /** The commands of a category, subcommands included; undefined where there is no such category. */
  category(name: string): readonly CommandTraits[] | undefined {
    return this.members.get(lowerCase(name) as AclCategory)
  }
}

/** Only ASCII letters have a case: the text is bytes, one character each. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
