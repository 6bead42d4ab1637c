/**
 * Access control as the rest of the server sees it: logs clients in, looks at what those that are restricted ask for, and
 * sees to it that a change of a user reaches the clients that are connected as it.
 */
import type {
  AccessControl as AccessControlService,
  AclContext,
} from '../commands/services/access-control.ts'
import type { Client } from '../commands/session.ts'
import type { CommandTraits } from '../commands/traits.ts'
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import { readAclFile, writeAclFile } from './acl-file.ts'
import { AclLog, type AclLogSettings } from './acl-log.ts'
import { denialText } from './denial-text.ts'
import { channelsLeft, listensBeyond } from './lost-channels.ts'
import { READ } from './patterns.ts'
import { type Denial, denialOf, permitsWithEveryKey } from './permission.ts'
import type { User } from './user.ts'
import type { Users, UsersSettings } from './users.ts'

/** Bytes of a name that the log keeps: whoever is denied much must not fill the memory. */
const LOGGED_NAME_BYTES_MAX = 64 * 1024

/** A connected client. */
export interface Session extends Client {
  readonly user: User
  /** It becomes another user's; `mustLogIn`: who has not logged in may do nothing else. */
  become(user: User, hasLoggedIn: boolean, mustLogIn: boolean): void
  /** Its user, or `default`, has changed. */
  updateAccess(mustLogIn: boolean): void
}

export interface Sessions {
  all(): Iterable<Session>
  /** Ends the connection; that of the running command, after its reply. */
  end(session: Session): void
  /** As CLIENT LIST prints it. */
  describe(session: Session): string
}

/** Where ACL files are. Functions throw errors with the system's words. */
export interface AclFiles {
  readFile(path: string): string
  /** Replaces the file as a whole or not at all. */
  replaceFile(path: string, content: string): void
}

export interface AccessControlParts {
  readonly users: Users
  readonly sessions: Sessions
  readonly files: AclFiles
  readonly settings: UsersSettings & AclLogSettings
  readonly clock: { readonly now: number }
  readonly serverLog: { warning(text: string): void }
}

export class AccessControl implements AccessControlService {
  readonly log: AclLog
  private readonly users: Users
  private readonly parts: AccessControlParts

  constructor(parts: AccessControlParts) {
    this.parts = parts
    this.users = parts.users
    this.log = new AclLog(parts.settings)
  }

  get isPasswordless(): boolean {
    return this.users.default.needsNoPassword
  }

  /** Why the client may not run a command; the log has it then. */
  deny(client: Session, command: CommandTraits, args: Args, context: AclContext): Denial | undefined {
    const denial = denialOf(client.user, command, args)
    if (denial === undefined) return undefined
    const { reason, position } = denial
    const object = reason === 'command' ? command.name : loggedName(args.at(position))
    this.note(client, { reason, context, object, user: client.user.name })
    return denial
  }

  permits(client: Session, command: CommandTraits, args: Args): boolean {
    return denialOf(client.user, command, args) === undefined
  }

  mayReadEveryKey(client: Session, command: CommandTraits, args: Args): boolean {
    return permitsWithEveryKey(client.user, command, args, READ)
  }

  logIn(client: Session, name: Bytes, password: Bytes, command: Bytes, context: AclContext): boolean {
    const user = this.users.find(name.latin1())
    if (user?.accepts(password)) {
      client.become(user, true, this.users.mustLogIn)
      return true
    }
    this.note(client, { reason: 'auth', context, object: command.latin1(), user: loggedName(name) })
    return false
  }

  logOut(client: Session): void {
    const { mustLogIn } = this.users
    client.become(this.users.default, !mustLogIn, mustLogIn)
  }

  has(name: string): boolean {
    return this.users.find(name) !== undefined
  }

  describeUser(name: string) {
    return this.users.find(name)?.describe()
  }

  names(): readonly string[] {
    return this.users.all().map((user) => user.name)
  }

  lines(): readonly string[] {
    return this.users.all().map((user) => user.line())
  }

  setUser(name: string, rules: readonly string[]): string | undefined {
    const changed = this.users.preview(name, rules)
    if (typeof changed === 'string') return changed
    this.endThoseWhoLost(changed)
    this.users.put(changed)
    this.updateSessions()
    return undefined
  }

  deleteUser(name: string): boolean {
    const user = this.users.find(name)
    if (user === undefined) return false
    this.users.remove(user)
    for (const session of [...this.parts.sessions.all()]) if (session.user === user) this.evict(session)
    return true
  }

  /** `requirepass` was set. */
  setDefaultPassword(password: string): void {
    this.users.setDefaultPassword(password)
    this.updateSessions()
  }

  dryRun(name: string, command: CommandTraits, args: Args): string | undefined {
    const user = this.users.find(name)!
    const denial = denialOf(user, command, args)
    return denial && denialText(denial, user, command, args.at(denial.position))
  }

  load(): string | undefined {
    const { files, settings } = this.parts
    let content: string
    try {
      content = files.readFile(settings.aclfile)
    } catch (error) {
      return `Error loading ACLs, opening file '${settings.aclfile}': ${(error as Error).message}`
    }
    const loaded = readAclFile(content, settings.aclfile, this.users)
    if (typeof loaded === 'string') return loaded
    for (const user of this.users.all()) if (!loaded.has(user.name)) this.deleteUser(user.name)
    for (const user of loaded.values()) {
      this.endThoseWhoLost(user)
      this.users.put(user)
    }
    this.updateSessions()
    return undefined
  }

  save(): boolean {
    const { files, settings, serverLog } = this.parts
    try {
      files.replaceFile(settings.aclfile, writeAclFile(this.users.all()))
      return true
    } catch (error) {
      serverLog.warning(`Writing ACL file for ACL SAVE: ${(error as Error).message}`)
      return false
    }
  }

  private note(client: Session, access: Omit<Parameters<AclLog['add']>[0], 'client'>): void {
    this.log.add({ ...access, client: this.parts.sessions.describe(client) }, this.parts.clock.now)
  }

  /** Ends the subscribers of the user that is about to become `changed`, as far as they listen to what it loses. */
  private endThoseWhoLost(changed: User): void {
    const user = this.users.find(changed.name)
    const left = user && channelsLeft(user, changed)
    if (left === undefined) return
    const { sessions } = this.parts
    for (const session of [...sessions.all()]) {
      if (session.user === user && listensBeyond(session, left)) sessions.end(session)
    }
  }

  /** A client of a user that is gone: whatever it does before its connection ends, it does as nobody. */
  private evict(session: Session): void {
    session.become(this.users.default, false, this.users.mustLogIn)
    this.parts.sessions.end(session)
  }

  private updateSessions(): void {
    const { mustLogIn } = this.users
    for (const session of this.parts.sessions.all()) session.updateAccess(mustLogIn)
  }
}

function loggedName(name: Bytes): string {
  return name.slice(0, Math.min(name.len, LOGGED_NAME_BYTES_MAX)).latin1()
}
