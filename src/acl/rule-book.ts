/**
 * The grammar of rules: what each says of a user or a selector. Rules are text, one character a byte.
 */
import { splitWords } from '../config/words.ts'
import { READ, READ_WRITE, WRITE } from './patterns.ts'
import type { RuleProblem } from './rule-problems.ts'
import { Selector } from './selector.ts'
import { hashPassword, type User } from './user.ts'
import { lowerCase, type Vocabulary } from './vocabulary.ts'

const HASH = /^[0-9a-f]{64}$/
/** What names, patterns and first arguments must not hold, as rules are written with spaces between them. */
const SPACE = /[ \t\n\v\f\r\0]/

export function hasSpaces(text: string): boolean {
  return SPACE.test(text)
}

export interface RuleBookSettings {
  readonly 'acl-pubsub-default': 'allchannels' | 'resetchannels'
}

export interface RuleLog {
  notice(text: string): void
  warning(text: string): void
}

type Keyword<T> = Readonly<Record<string, (target: T) => void>>

const SELECTOR_KEYWORDS: Keyword<Selector> = {
  allkeys: ({ keys }) => keys.setAll(true),
  '~*': ({ keys }) => keys.setAll(true),
  resetkeys: ({ keys }) => keys.setAll(false),
  allchannels: ({ channels }) => channels.setAll(true),
  '&*': ({ channels }) => channels.setAll(true),
  resetchannels: ({ channels }) => channels.setAll(false),
  allcommands: ({ commands }) => commands.setAll(true),
  '+@all': ({ commands }) => commands.setAll(true),
  nocommands: ({ commands }) => commands.setAll(false),
  '-@all': ({ commands }) => commands.setAll(false),
}

const USER_KEYWORDS: Keyword<User> = {
  on: (user) => {
    user.isEnabled = true
  },
  off: (user) => {
    user.isEnabled = false
  },
  'sanitize-payload': (user) => {
    user.sanitizesPayload = true
  },
  'skip-sanitize-payload': (user) => {
    user.sanitizesPayload = false
  },
  nopass: (user) => {
    user.needsNoPassword = true
    user.passwords = []
  },
  resetpass: (user) => {
    user.needsNoPassword = false
    user.passwords = []
  },
  clearselectors: (user) => {
    user.selectors = []
  },
}

export class RuleBook {
  private readonly vocabulary: Vocabulary
  private readonly settings: RuleBookSettings
  private readonly log: RuleLog

  constructor(vocabulary: Vocabulary, settings: RuleBookSettings, log: RuleLog) {
    this.vocabulary = vocabulary
    this.settings = settings
    this.log = log
  }

  /** Whether new users and selectors have all channels. */
  get allChannels(): boolean {
    return this.settings['acl-pubsub-default'] === 'allchannels'
  }

  /** Changes the user as the rule says, or says what is wrong with the rule and changes nothing. */
  apply(user: User, rule: string): RuleProblem | undefined {
    const keyword = lowerCase(rule)
    if (keyword === 'reset') this.reset(user)
    else if (Object.hasOwn(USER_KEYWORDS, keyword)) USER_KEYWORDS[keyword]!(user)
    else if (/^[>#<!]/.test(rule)) return changePasswords(user, rule)
    else if (rule.startsWith('(') && rule.endsWith(')')) return this.addSelector(user, rule.slice(1, -1))
    else if (rule !== '') return this.applyToSelector(user.root, rule)
    return undefined
  }

  /** Back to what a new user is. */
  private reset(user: User): void {
    user.isEnabled = false
    user.needsNoPassword = false
    user.sanitizesPayload = true
    user.passwords = []
    user.root = new Selector(this.allChannels)
    user.selectors = []
  }

  private addSelector(user: User, rules: string): RuleProblem | undefined {
    const selector = new Selector(this.allChannels)
    // Quotes that are not balanced leave no words at all, as in Valkey.
    for (const rule of splitWords(rules) ?? []) {
      const problem = this.applyToSelector(selector, rule)
      if (problem !== undefined) return problem
    }
    user.selectors = [...user.selectors, selector]
    return undefined
  }

  private applyToSelector(selector: Selector, rule: string): RuleProblem | undefined {
    const keyword = lowerCase(rule)
    if (Object.hasOwn(SELECTOR_KEYWORDS, keyword)) SELECTOR_KEYWORDS[keyword]!(selector)
    else if (/^[~%]/.test(rule)) return addKeyPattern(selector, rule)
    else if (rule.startsWith('&')) return addChannelPattern(selector, rule.slice(1))
    else if (/^[+-]@/.test(rule)) return this.setCategory(selector, rule)
    else if (rule.startsWith('+') && rule.includes('|')) return this.permitPart(selector, rule.slice(1))
    else if (/^[+-]/.test(rule)) return this.setCommand(selector, rule)
    else return 'syntax'
    return undefined
  }

  private setCategory(selector: Selector, rule: string): RuleProblem | undefined {
    const name = rule.slice(2)
    const members = this.vocabulary.category(name)
    if (members === undefined) return 'unknown'
    selector.commands.setCategory(name, members, rule.startsWith('+'))
    return undefined
  }

  private setCommand(selector: Selector, rule: string): RuleProblem | undefined {
    const command = this.vocabulary.command(rule.slice(1))
    if (command === undefined) return 'unknown'
    selector.commands.set(command, rule.startsWith('+'))
    return undefined
  }

  /** `config|get`: a subcommand, or the first argument of a command that has none. */
  private permitPart(selector: Selector, name: string): RuleProblem | undefined {
    const bar = name.lastIndexOf('|')
    const command = this.vocabulary.command(name.slice(0, bar))
    if (command === undefined) return 'unknown'
    if (command.name.includes('|')) return 'firstArgumentOfSubcommand'
    const word = name.slice(bar + 1)
    // Where a first argument has spaces Valkey crashes when it is asked for the rules.
    if (word === '' || (command.subcommands === null && hasSpaces(word))) return 'syntax'
    if (command.subcommands !== null) return this.setCommand(selector, `+${name}`)
    this.log.warning(
      'Deprecation warning: Allowing a first arg of an otherwise blocked command is a misuse of ACL and may get ' +
        `disabled in the future (offender: +${name})`,
    )
    selector.commands.addFirstArgument(command, word)
    return undefined
  }
}

function changePasswords(user: User, rule: string): RuleProblem | undefined {
  const value = rule.slice(1)
  const isHash = rule.startsWith('#') || rule.startsWith('!')
  if (isHash && !HASH.test(value)) return 'badHash'
  const hash = isHash ? value : hashPassword(Buffer.from(value, 'latin1'))
  const known = user.passwords.includes(hash)
  if (rule.startsWith('>') || rule.startsWith('#')) {
    if (!known) user.passwords = [...user.passwords, hash]
    user.needsNoPassword = false
  } else if (known) {
    user.passwords = user.passwords.filter((other) => other !== hash)
  } else return 'noSuchPassword'
  return undefined
}

/** `~pattern`, `%R~pattern`, `%W~pattern`, `%RW~pattern`. */
function addKeyPattern({ keys }: Selector, rule: string): RuleProblem | undefined {
  if (keys.isAll) return 'afterAllKeys'
  let access = READ_WRITE
  let text = rule.slice(1)
  if (rule.startsWith('%')) {
    // Valkey takes `%R` for `%R~`.
    const parts = /^%(R|W|RW|WR)(?:~([\s\S]*))?$/i.exec(rule)
    if (parts === null) return 'syntax'
    const letters = parts[1]!.toUpperCase()
    access = (letters.includes('R') ? READ : 0) | (letters.includes('W') ? WRITE : 0)
    text = parts[2] ?? ''
  }
  if (hasSpaces(text)) return 'syntax'
  keys.add(text, access)
  return undefined
}

function addChannelPattern({ channels }: Selector, text: string): RuleProblem | undefined {
  if (channels.isAll) return 'afterAllChannels'
  if (hasSpaces(text)) return 'syntax'
  channels.add(text)
  return undefined
}

/** The argument of an opening parenthesis that is not closed. */
export interface UnmatchedParenthesis {
  readonly unmatchedAt: number
}

/** Puts selectors together whose rules were given as several arguments. */
export function joinSelectors(rules: readonly string[]): readonly string[] | UnmatchedParenthesis {
  const joined: string[] = []
  let start = -1
  for (const [i, rule] of rules.entries()) {
    if (start >= 0) {
      joined[joined.length - 1] += ` ${rule}`
      if (rule.endsWith(')')) start = -1
    } else {
      joined.push(rule)
      if (rule.startsWith('(') && !rule.endsWith(')')) start = i
    }
  }
  return start < 0 ? joined : { unmatchedAt: start }
}
