/**
 * The text of ACL files: a user a line, no comments, no quotes.
 */
import { hasSpaces, joinSelectors } from './rule-book.ts'
import { RULE_PROBLEMS } from './rule-problems.ts'
import { DEFAULT_USER, User } from './user.ts'
import type { Users } from './users.ts'

const NOTHING_CHANGED =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'

export function writeAclFile(users: readonly User[]): string {
  return users.map((user) => `${user.line()}\n`).join('')
}

/** The users of a file, which becomes all there are; or the text of all errors in it. */
export function readAclFile(content: string, file: string, users: Users): Map<string, User> | string {
  const found = new Map<string, User>()
  let errors = ''
  for (const [index, raw] of content.split('\n').entries()) {
    const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
    if (line !== '') errors += readLine(line, `${file}:${index + 1}`, users, found)
  }
  if (errors !== '') return errors + NOTHING_CHANGED
  if (!found.has(DEFAULT_USER)) found.set(DEFAULT_USER, User.unrestricted(DEFAULT_USER))
  return found
}

/** What is wrong with the line; empty where nothing is. */
function readLine(line: string, place: string, users: Users, found: Map<string, User>): string {
  const [keyword, name, ...rules] = line.split(' ')
  if (keyword !== 'user' || name === undefined) {
    return `${place} should start with user keyword followed by the username. `
  }
  if (hasSpaces(name)) return `'${place}: username '${name}' contains invalid characters. `
  if (found.has(name)) {
    const number = place.slice(place.lastIndexOf(':') + 1)
    return `WARNING: Duplicate user '${name}' found on line ${number}. `
  }
  const user = users.create(name)
  found.set(name, user)
  const joined = joinSelectors(rules)
  if ('unmatchedAt' in joined) return `${place}: Unmatched parenthesis in selector definition.`
  return applyAll(user, joined, place, users)
}

function applyAll(user: User, rules: readonly string[], place: string, users: Users): string {
  let errors = ''
  let hadSyntaxError = false
  for (const raw of rules) {
    const rule = raw.replace(/^[\t\r]+|[\t\r]+$/g, '')
    const problem = users.rules.apply(user, rule)
    if (problem === 'unknown') {
      errors += `${place}: Error in applying operation '${rule}': ${RULE_PROBLEMS[problem]}. `
    } else if (problem !== undefined && !hadSyntaxError) {
      // What follows from the first may be an error for that alone; and the rule may be a password.
      errors += `${place}: ${RULE_PROBLEMS[problem]}. `
      hadSyntaxError = true
    }
  }
  user.settle()
  return errors
}
