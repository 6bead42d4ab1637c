/**
 * The logs of commands that stood out: the last that took long, those with large requests, and those with large replies.
 */
import {
  COMMAND_LOG_NAMES,
  type CommandLogEntry,
  type CommandLogName,
  type CommandLog as CommandLogService,
} from '../commands/services/command-log.ts'
import type { ConfigValues } from '../config/directives.ts'
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import type { Client } from './client.ts'

/** Arguments an entry keeps, and bytes it keeps of each. */
const MAX_ARGS = 32
const MAX_ARG_BYTES = 128
/** Where EVAL has its script. */
const SCRIPT_ARG = 1

/** By log: the directives of its threshold and of its length. */
const DIRECTIVES_OF = {
  slow: ['commandlog-execution-slower-than', 'commandlog-slow-execution-max-len'],
  'large-request': ['commandlog-request-larger-than', 'commandlog-large-request-max-len'],
  'large-reply': ['commandlog-reply-larger-than', 'commandlog-large-reply-max-len'],
} as const satisfies Record<CommandLogName, readonly [string, string]>

export type CommandLogSettings = Pick<ConfigValues, (typeof DIRECTIVES_OF)[CommandLogName][number]>

export class CommandLog implements CommandLogService {
  /** The newest last. */
  private readonly entries: CommandLogEntry[] = []
  private nextId = 0
  /** Microseconds or bytes from which a command is logged. */
  threshold = Infinity
  private room = 0

  set(threshold: number, room: number): void {
    this.threshold = threshold < 0 ? Infinity : threshold
    this.room = room
  }

  wants(value: number): boolean {
    return value >= this.threshold
  }

  get length(): number {
    return this.entries.length
  }

  /** The id the next entry will have: how many there have been. */
  get lastId(): number {
    return this.nextId
  }

  /** `script`: the SHA of the script that ran, if one did. Answers the entry where there is room for any. */
  add(args: Args, value: number, client: Client, script = ''): CommandLogEntry | undefined {
    if (this.room === 0) return undefined
    const entry = {
      id: this.nextId++,
      time: Math.floor(Date.now() / 1000),
      value: Math.floor(value),
      args: shownArgs(args, script),
      address: client.transport?.address ?? '',
      clientName: client.name,
    }
    this.entries.push(entry)
    if (this.entries.length > this.room) this.entries.splice(0, this.entries.length - this.room)
    return entry
  }

  newest(count: number): readonly CommandLogEntry[] {
    return this.entries.slice(Math.max(0, this.entries.length - count)).reverse()
  }

  reset(): void {
    this.entries.length = 0
  }
}

/** The three of them. Each command asks them: what the directives say is copied, and `follow` copies it anew. */
export class CommandLogs implements Record<CommandLogName, CommandLog> {
  static readonly DIRECTIVES = Object.values(DIRECTIVES_OF).flat()
  readonly slow = new CommandLog()
  readonly 'large-request' = new CommandLog()
  readonly 'large-reply' = new CommandLog()
  /** What is smaller, request and reply, is in neither log of large ones. */
  largeFrom = Infinity
  private readonly settings: CommandLogSettings

  constructor(settings: CommandLogSettings) {
    this.settings = settings
    this.follow()
  }

  follow(): void {
    for (const name of COMMAND_LOG_NAMES) {
      const [threshold, room] = DIRECTIVES_OF[name]
      this[name].set(this.settings[threshold], this.settings[room])
    }
    this.largeFrom = Math.min(this['large-request'].threshold, this['large-reply'].threshold)
  }
}

/** Copies, cut where there are too many or they are too long; what is left out is said, and of a script which it is. */
export function shownArgs(args: Args, script: string): Bytes[] {
  const shown = Math.min(args.count, MAX_ARGS)
  const list: Bytes[] = []
  for (let i = 0; i < shown; i++) {
    if (i === MAX_ARGS - 1 && args.count > MAX_ARGS) {
      list.push(Bytes.from(`... (${args.count - MAX_ARGS + 1} more arguments)`))
    } else list.push(shownArg(args.at(i), i === SCRIPT_ARG && script !== '' ? `, script ${script}` : ''))
  }
  return list
}

function shownArg(arg: Bytes, remark: string): Bytes {
  if (arg.len <= MAX_ARG_BYTES) return arg.detach()
  const kept = arg.slice(0, MAX_ARG_BYTES).latin1()
  return Bytes.from(`${kept}... (${arg.len - MAX_ARG_BYTES} more bytes${remark})`, 'latin1')
}
