/**
 * Users without a server.
 */
import { denialOf } from '../../../src/acl/permission.ts'
import type { User } from '../../../src/acl/user.ts'
import { Users } from '../../../src/acl/users.ts'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { CommandTable } from '../../../src/commands/table.ts'
import { Args } from '../../../src/memory/args.ts'

export const table = new CommandTable(ALL_COMMANDS)

export interface TestUsers {
  readonly users: Users
  readonly settings: { aclfile: string; 'acl-pubsub-default': 'allchannels' | 'resetchannels' }
  readonly logged: string[]
}

export function makeUsers(): TestUsers {
  const settings: TestUsers['settings'] = { aclfile: '', 'acl-pubsub-default': 'resetchannels' }
  const logged: string[] = []
  const log = {
    notice: (text: string) => void logged.push(text),
    warning: (text: string) => void logged.push(text),
  }
  return { users: new Users(table.all, settings, log), settings, logged }
}

/** A user of these rules, which must be right. */
export function makeUser(rules: string, { users } = makeUsers()): User {
  const user = users.preview('u', rules === '' ? [] : rules.split(' '))
  if (typeof user === 'string') throw new Error(user)
  return user
}

/** What the user lacks for a request: `command`, `key 1`, `channel 2`, or nothing. */
export function denied(user: User, ...words: string[]): string | undefined {
  const args = Args.from(...words.map((word) => Buffer.from(word, 'latin1')))
  const command = table.resolve(args)
  if (command === undefined) return 'no such command'
  const denial = denialOf(user, command, args)
  return denial && (denial.reason === 'command' ? 'command' : `${denial.reason} ${denial.position}`)
}
