/**
 * The server's configuration: the values of all directives, and the ways to read and change them: configuration file,
 * command line, CONFIG GET, SET and REWRITE. Names and values given to it are bytes, one character a byte (latin1).
 */
import {
  type ConfigValues,
  DIRECTIVES,
  type DirectiveName,
  ENTRIES,
  type Entry,
  findEntry,
} from './config/directives.ts'
import { ConfigFileError, type FileSettings, readConfigFile } from './config/file.ts'
import { type ConfigHost, NO_HOST } from './config/host.ts'
import { type DirectiveLines, rewriteFile, userLines } from './config/rewrite.ts'
import { InvalidValue } from './config/types.ts'
import { ERRORS, failWith, printed } from './errors.ts'

export { parseCommandLine } from './config/command-line.ts'
export type { ConfigValues, DirectiveName } from './config/directives.ts'
export { ConfigFileError } from './config/file.ts'
export type { ConfigHost } from './config/host.ts'

/** Applies a directive's new value; what it throws refuses the value, and CONFIG SET takes everything back. */
export type ApplyHook = (values: ConfigValues) => void

/** A name as CONFIG GET answers it, and the value. */
export type ConfigPair = readonly [name: string, value: string]

/** A command that the configuration file renames, or removes where `to` is empty. */
export interface RenamedCommand {
  readonly from: string
  readonly to: string
}

/** The users of the configuration file. */
export interface UserDirectives {
  /** Takes the words of a `user` line. Throws an Error that says what is wrong with them. */
  declare(words: readonly string[]): void
  /** What CONFIG REWRITE writes instead. */
  declarations(): readonly string[]
}

/** Where the outcome of rewriting and applying is noted. */
export interface ConfigLog {
  notice(text: string): void
  warning(text: string): void
}

const NO_LOG: ConfigLog = { notice() {}, warning() {} }

export class Config {
  /** The live values; the object stays the same. */
  readonly values: ConfigValues
  /** The file the server was started with: what CONFIG REWRITE writes. */
  file: string | undefined
  readonly renamedCommands: RenamedCommand[] = []
  /** Where there are none, `user` lines are refused. */
  users: UserDirectives | undefined
  private readonly host: ConfigHost
  private readonly held = new Map<DirectiveName, unknown>()
  private readonly hooks = new Map<DirectiveName, ApplyHook>()
  private readonly log: ConfigLog

  constructor(host: ConfigHost = NO_HOST, log: ConfigLog = NO_LOG) {
    this.host = host
    this.log = log
    const values: Record<string, unknown> = {}
    for (const [name, directive] of DIRECTIVES) {
      const held = name === 'dir' ? host.enter('.') : directive.initial
      this.held.set(name, held)
      values[name] = directive.expose(held)
    }
    // V8 keeps an object built key by key as a slow hash table, but not its copy.
    this.values = { ...values } as unknown as ConfigValues
  }

  /** Reads configuration text, such as a file's with the options of the command line behind it. Throws ConfigFileError. */
  load(content: string): void {
    const seen = new Set<DirectiveName>()
    const settings: FileSettings = {
      assign: (entry, words) => {
        this.assign(entry.primary, words, seen.has(entry.primary))
        seen.add(entry.primary)
      },
      renameCommand: (from, to) => this.renamedCommands.push({ from, to }),
      declareUser: (words) => {
        if (this.users === undefined) throw new InvalidValue('Users are not supported')
        this.users.declare(words)
      },
    }
    readConfigFile(content, settings, this.host)
    if (this.values.logfile !== '') {
      try {
        this.host.checkLogFile(this.values.logfile)
      } catch (error) {
        throw new ConfigFileError(`Can't open the log file: ${(error as Error).message}`)
      }
    }
  }

  /** CONFIG GET: the directives any of the names or patterns matches. */
  get(patterns: readonly string[]): ConfigPair[] {
    const found = new Map<string, ConfigPair>()
    for (const pattern of patterns) {
      if (!/[[*?]/.test(pattern)) {
        const entry = findEntry(pattern)
        // A name asked for twice is answered once, as it was asked for first.
        if (entry !== undefined && !found.has(entry.name)) found.set(entry.name, [pattern, this.print(entry)])
        continue
      }
      for (const entry of ENTRIES.values()) {
        if (entry.directive.hidden || found.has(entry.name)) continue
        if (this.host.matches(pattern, entry.name)) found.set(entry.name, [entry.name, this.print(entry)])
      }
    }
    return [...found.values()]
  }

  /** Whether the value must not be shown: CONFIG SET's arguments in slow log and MONITOR. */
  isSensitive(name: string): boolean {
    return findEntry(name)?.directive.sensitive === true
  }

  /**
   * CONFIG SET: names and values by turns; all are set, or none. Throws ReplyError. `fromLocal`: the client is on this
   * machine, which `enable-protected-configs local` asks for.
   */
  set(words: readonly string[], fromLocal = false): void {
    if (words.length % 2 !== 0) failWith(ERRORS.syntax)
    const entries = this.settable(words, fromLocal)
    const before = new Map(entries.map((entry) => [entry.primary, this.held.get(entry.primary)]))
    const changed: Entry[] = []
    for (const [i, entry] of entries.entries()) {
      const value = words[2 * i + 1]!
      try {
        const parts = entry.directive.multi ? (value === '' ? [] : value.split(' ')) : [value]
        if (this.assign(entry.primary, parts, false) || entry.directive.volatile) changed.push(entry)
      } catch (error) {
        this.restore(before)
        refuse(entry, error)
      }
    }
    this.apply(changed, before)
  }

  /** Runs `hook` after CONFIG SET changed the directive; the same function given for several runs once. */
  onChange(name: DirectiveName, hook: ApplyHook): void {
    this.hooks.set(name, hook)
  }

  /** CONFIG REWRITE. Throws ReplyError. */
  rewrite(): void {
    if (this.file === undefined) failWith('ERR The server is running without a config file')
    try {
      const old = this.host.exists(this.file) ? this.host.readFile(this.file) : ''
      const lines: DirectiveLines[] = [...DIRECTIVES].map(([name, d]) => ({
        name,
        lines: d.rewrite(name, this.held.get(name)),
      }))
      if (this.users !== undefined) lines.push(userLines(this.users.declarations()))
      this.host.replaceFile(this.file, rewriteFile(old, lines))
    } catch (error) {
      this.log.warning(`CONFIG REWRITE failed: ${(error as Error).message}`)
      failWith(`ERR Rewriting config file: ${(error as Error).message}`)
    }
    this.log.notice('CONFIG REWRITE executed with success.')
  }

  /** Directives without effect that were given another value than their default, with it. */
  get inertSettings(): ConfigPair[] {
    const pairs: ConfigPair[] = []
    for (const [name, directive] of DIRECTIVES) {
      if (directive.effect !== 'none') continue
      const value = directive.print(this.held.get(name))
      if (value !== directive.print(directive.initial)) pairs.push([name, value])
    }
    return pairs
  }

  private print(entry: Entry): string {
    return entry.directive.print(this.held.get(entry.primary))
  }

  /** The directives to set, all of which exist and may be. */
  private settable(words: readonly string[], fromLocal: boolean): Entry[] {
    const entries: Entry[] = []
    for (let i = 0; i < words.length; i += 2) {
      const name = words[i]!
      const entry = findEntry(name)
      if (entry === undefined) {
        failWith(`ERR Unknown option or number of arguments for CONFIG SET - '${printed(name)}'`)
      }
      const reason =
        this.whyNotSettable(entry, fromLocal) ?? (entries.includes(entry) && 'duplicate parameter')
      if (reason) failWith(setFailed(printed(name), reason))
      entries.push(entry)
    }
    return entries
  }

  private whyNotSettable({ directive }: Entry, fromLocal: boolean): string | undefined {
    if (directive.immutable) return "can't set immutable config"
    const allowed = this.values['enable-protected-configs']
    if (!directive.protected || allowed === 'yes' || (allowed === 'local' && fromLocal)) return undefined
    return "can't set protected config"
  }

  /** Calls the hooks of what changed, each once; when one refuses, takes everything back and applies that. */
  private apply(changed: readonly Entry[], before: ReadonlyMap<DirectiveName, unknown>): void {
    const hooks = new Map<ApplyHook, Entry>()
    for (const entry of changed) {
      const hook = this.hooks.get(entry.primary)
      if (hook !== undefined && !hooks.has(hook)) hooks.set(hook, entry)
    }
    for (const [hook, entry] of hooks) {
      try {
        hook(this.values)
      } catch (error) {
        const related = `Possibly related to new ${entry.name} setting. Restoring previous settings.`
        this.log.warning(`Failed applying new configuration. ${related}`)
        this.restore(before)
        this.reapply([...hooks.keys()])
        refuse(entry, error)
      }
    }
  }

  private reapply(hooks: readonly ApplyHook[]): void {
    for (const hook of hooks) {
      try {
        hook(this.values)
      } catch (error) {
        this.log.warning(`Failed applying restored failed CONFIG SET command: ${(error as Error).message}`)
      }
    }
  }

  private restore(before: ReadonlyMap<DirectiveName, unknown>): void {
    for (const [name, held] of before)
      this.keep(name, name === 'dir' ? this.host.enter(held as string) : held)
  }

  /** Reads and keeps a value; whether it is another than before. */
  private assign(name: DirectiveName, words: readonly string[], append: boolean): boolean {
    const directive = DIRECTIVES.get(name)!
    const old = this.held.get(name)
    let held = directive.parse(words, old, append)
    if (name === 'dir') held = this.host.enter(held as string)
    this.keep(name, held)
    return directive.print(held) !== directive.print(old)
  }

  private keep(name: DirectiveName, held: unknown): void {
    this.held.set(name, held)
    const values = this.values as Record<DirectiveName, unknown>
    values[name] = DIRECTIVES.get(name)!.expose(held)
  }
}

function setFailed(name: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`
}

function refuse(entry: Entry, error: unknown): never {
  if (error instanceof InvalidValue || error instanceof Error) failWith(setFailed(entry.name, error.message))
  throw error
}
