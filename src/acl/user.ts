/**
 * A user: how it logs in and what it may do. The object stays the same as long as the user exists, however it changes.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { UserDescription } from '../commands/services/access-control.ts'
import type { Bytes } from '../memory/bytes.ts'
import { Selector } from './selector.ts'

export const DEFAULT_USER = 'default'

/** How Valkey knows passwords: SHA-256 in lower-case hex. */
export function hashPassword(password: Buffer): string {
  return createHash('sha256').update(password).digest('hex')
}

export class User {
  /** One character a byte. */
  readonly name: string
  isEnabled = false
  /** Any password will do. */
  needsNoPassword = false
  /** What RESTORE is given is checked in depth. */
  sanitizesPayload = true
  /** Hashes. */
  passwords: readonly string[] = []
  /** Further ones, beside the root. */
  selectors: readonly Selector[] = []
  root: Selector
  private unrestricted = false

  /** A user that may do nothing. */
  constructor(name: string, allChannels: boolean) {
    this.name = name
    this.root = new Selector(allChannels)
  }

  /** A user that may do everything, without a password. */
  static unrestricted(name: string): User {
    const user = new User(name, true)
    user.isEnabled = true
    user.needsNoPassword = true
    user.root.commands.setAll(true)
    user.root.keys.setAll(true)
    user.settle()
    return user
  }

  /** Becomes what the other is, but for the name. */
  assume(other: User): void {
    this.isEnabled = other.isEnabled
    this.needsNoPassword = other.needsNoPassword
    this.sanitizesPayload = other.sanitizesPayload
    this.passwords = other.passwords
    this.root = other.root.copy()
    this.selectors = other.selectors.map((selector) => selector.copy())
    this.settle()
  }

  /** Its rules have changed. */
  settle(): void {
    this.unrestricted = [this.root, ...this.selectors].some((selector) => selector.isUnrestricted)
  }

  /** Every request is permitted: none need be looked at. */
  get isUnrestricted(): boolean {
    return this.unrestricted
  }

  accepts(password: Bytes): boolean {
    if (!this.isEnabled) return false
    if (this.needsNoPassword) return true
    const given = Buffer.from(hashPassword(password.copy()), 'latin1')
    return this.passwords.some((known) => timingSafeEqual(given, Buffer.from(known, 'latin1')))
  }

  get flags(): readonly string[] {
    const flags = [this.isEnabled ? 'on' : 'off']
    if (this.needsNoPassword) flags.push('nopass')
    flags.push(this.sanitizesPayload ? 'sanitize-payload' : 'skip-sanitize-payload')
    return flags
  }

  describe(): UserDescription {
    const { name, flags, passwords } = this
    const selectors = [this.root, ...this.selectors].map((selector) => selector.describe())
    return { name, flags, passwords, selectors }
  }

  /** As a line of an ACL file. */
  line(): string {
    const hashes = this.passwords.map((hash) => `#${hash}`)
    const selectors = this.selectors.map((selector) => `(${selector.rules()})`)
    return ['user', this.name, ...this.flags, ...hashes, this.root.rules(), ...selectors].join(' ')
  }
}
