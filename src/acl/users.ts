/**
 * The users there are, `default` always among them.
 */
import { ABSENT_COMMANDS } from '../commands/absent.ts'
import type { CommandTraits } from '../commands/traits.ts'
import { printed } from '../errors.ts'
import { hasSpaces, joinSelectors, RuleBook, type RuleBookSettings, type RuleLog } from './rule-book.ts'
import { RULE_PROBLEMS } from './rule-problems.ts'
import { DEFAULT_USER, User } from './user.ts'
import { Vocabulary } from './vocabulary.ts'

export interface UsersSettings extends RuleBookSettings {
  readonly aclfile: string
}

export class Users {
  readonly rules: RuleBook
  /** Whoever has not said who it is. */
  readonly default = User.unrestricted(DEFAULT_USER)
  private readonly byName = new Map<string, User>([[DEFAULT_USER, this.default]])
  private readonly declared = new Map<string, readonly string[]>()
  private readonly settings: UsersSettings
  private readonly log: RuleLog

  constructor(commands: readonly CommandTraits[], settings: UsersSettings, log: RuleLog) {
    this.rules = new RuleBook(new Vocabulary([...commands, ...ABSENT_COMMANDS]), settings, log)
    this.settings = settings
    this.log = log
  }

  /** Whether clients have to say who they are before they may do anything. */
  get mustLogIn(): boolean {
    return !this.default.isEnabled || !this.default.needsNoPassword
  }

  /** Sorted by name. */
  all(): User[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  find(name: string): User | undefined {
    return this.byName.get(name)
  }

  /** A user that may do nothing, not one of these yet. */
  create(name: string): User {
    return new User(name, this.rules.allChannels)
  }

  /** What the user of that name, which need not exist, is after these rules; the text of an error where one is wrong. */
  preview(name: string, rules: readonly string[]): User | string {
    const joined = joinSelectors(rules)
    if ('unmatchedAt' in joined) {
      return `Unmatched parenthesis in acl selector starting at '${printed(rules[joined.unmatchedAt]!)}'.`
    }
    const user = this.create(name)
    const known = this.find(name)
    if (known !== undefined) user.assume(known)
    for (const rule of joined) {
      const problem = this.rules.apply(user, rule)
      if (problem !== undefined)
        return `Error in ACL SETUSER modifier '${printed(rule)}': ${RULE_PROBLEMS[problem]}`
    }
    user.settle()
    return user
  }

  /** Makes the user of that name, known or not, what the other is. */
  put(user: User): User {
    const known = this.find(user.name)
    if (known === undefined) this.byName.set(user.name, user)
    else known.assume(user)
    return known ?? user
  }

  remove(user: User): void {
    this.byName.delete(user.name)
  }

  /** `requirepass`: the only password of `default`, none where it is empty. */
  setDefaultPassword(password: string): void {
    this.rules.apply(this.default, 'resetpass')
    this.rules.apply(this.default, password === '' ? 'nopass' : `>${password}`)
  }

  /** A `user` line of the configuration file, to be loaded when all of it is read. Throws an Error that says what is wrong. */
  declare(words: readonly string[]): void {
    const name = words[1]!
    const rules = words.slice(2)
    const fail = (position: number, problem: keyof typeof RULE_PROBLEMS): never => {
      throw new Error(`Error in user declaration '${words[position]}': ${RULE_PROBLEMS[problem]}`)
    }
    if (this.declared.has(name)) fail(1, 'duplicateUser')
    const joined = joinSelectors(rules)
    // Valkey counts from the first rule and shows the word at that place of the whole line: one that comes earlier.
    if ('unmatchedAt' in joined) return fail(joined.unmatchedAt, 'unmatchedParenthesis')
    const trial = this.create(name)
    for (const [i, rule] of joined.entries()) {
      const problem = this.rules.apply(trial, rule)
      // Which commands there are is not known before the end in Valkey.
      if (problem !== undefined && problem !== 'unknown') fail(i, problem)
    }
    this.declared.set(name, joined)
  }

  get hasDeclared(): boolean {
    return this.declared.size > 0
  }

  /** Makes the declared users. Throws an Error that says what is wrong. */
  loadDeclared(): void {
    for (const [name, rules] of this.declared) {
      if (hasSpaces(name)) throw new Error('Spaces not allowed in ACL usernames')
      const user = this.create(name)
      for (const rule of rules) {
        const problem = this.rules.apply(user, rule)
        if (problem === undefined) continue
        const reason = RULE_PROBLEMS[problem]
        throw new Error(`Error loading ACL rule '${rule}' for the user named '${name}': ${reason}`)
      }
      user.settle()
      this.put(user)
      if (user.isEnabled) continue
      this.log.notice(
        `The user '${name}' is disabled (there is no 'on' modifier in the user description). ` +
          'Make sure this is not a configuration error.',
      )
    }
  }

  /** The `user` lines of CONFIG REWRITE; none where the users have a file of their own. */
  declarations(): readonly string[] {
    return this.settings.aclfile === '' ? this.all().map((user) => user.line()) : []
  }
}
