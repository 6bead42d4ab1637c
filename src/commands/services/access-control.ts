/**
 * Users, what they may do, and the log of what was denied.
 */
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { Client } from '../session.ts'
import type { CommandTraits } from '../traits.ts'

export interface SelectorDescription {
  readonly commands: string
  readonly keys: string
  readonly channels: string
}

/** What is known of a user; text is one character a byte here and in what follows. */
export interface UserDescription {
  readonly name: string
  readonly flags: readonly string[]
  /** SHA-256 in hex. */
  readonly passwords: readonly string[]
  /** The user's own rules first. */
  readonly selectors: readonly SelectorDescription[]
}

/** Where a command was denied. */
export type AclContext = 'toplevel' | 'multi' | 'lua'

export interface AclLogEntry {
  readonly id: number
  readonly count: number
  readonly reason: 'auth' | 'command' | 'key' | 'channel'
  readonly context: AclContext
  /** The command, key or channel that was denied. */
  readonly object: string
  readonly user: string
  /** The client as CLIENT LIST prints it. */
  readonly client: string
  /** Unix ms. */
  readonly createdAt: number
  readonly updatedAt: number
}

export interface AclLog {
  /** The newest first. */
  newest(count: number): readonly AclLogEntry[]
  reset(): void
}

export interface AccessControl {
  readonly log: AclLog
  /** The user `default` needs no password. */
  readonly isPasswordless: boolean
  /** AUTH, by a command of that name; false, and an entry in the log, where the password is wrong. */
  logIn(client: Client, user: Bytes, password: Bytes, command: Bytes, context: AclContext): boolean
  /** Makes the client what a new connection is. */
  logOut(client: Client): void
  has(user: string): boolean
  /** Sorted. */
  names(): readonly string[]
  /** The users as lines of an ACL file, sorted. */
  lines(): readonly string[]
  describeUser(name: string): UserDescription | undefined
  /** Changes or makes a user by rules, all of them or none; the text of an error where one is wrong. */
  setUser(name: string, rules: readonly string[]): string | undefined
  /** False when there is none. */
  deleteUser(name: string): boolean
  /** Why the user, which exists, may not run the request; undefined where it may. */
  dryRun(user: string, command: CommandTraits, args: Args): string | undefined
  /** Whether the client may run the request and, beyond the keys it names, read all there are. */
  mayReadEveryKey(client: Client, command: CommandTraits, args: Args): boolean
  /** Replaces all users by those of the ACL file; the text of an error where it cannot, and nothing changes then. */
  load(): string | undefined
  /** Writes the ACL file; when it cannot, the log has the reason. */
  save(): boolean
}
