/**
 * The slow log: the last commands that took longer than `slowlog-log-slower-than`.
 */
import type { SlowlogEntry, Slowlog as SlowlogService } from '../commands/services/slowlog.ts'
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import type { Client } from './client.ts'

/** Arguments an entry keeps, and bytes it keeps of each. */
const MAX_ARGS = 32
const MAX_ARG_BYTES = 128
/** Where EVAL has its script. */
const SCRIPT_ARG = 1

export interface SlowlogSettings {
  /** Microseconds; negative: log nothing. */
  readonly 'commandlog-execution-slower-than': number
  readonly 'commandlog-slow-execution-max-len': number
}

export class Slowlog implements SlowlogService {
  /** The newest last. */
  private readonly entries: SlowlogEntry[] = []
  private nextId = 0
  private readonly settings: SlowlogSettings

  constructor(settings: SlowlogSettings) {
    this.settings = settings
  }

  /** Microseconds from which a command is logged; negative: never. */
  get threshold(): number {
    return this.settings['commandlog-execution-slower-than']
  }

  get length(): number {
    return this.entries.length
  }

  /** The id the next entry will have: how many there have been. */
  get lastId(): number {
    return this.nextId
  }

  /** `script`: the SHA of the script that ran, if one did. Answers the entry where there is room for any. */
  add(args: Args, microseconds: number, client: Client, script = ''): SlowlogEntry | undefined {
    const room = this.settings['commandlog-slow-execution-max-len']
    if (room === 0) return undefined
    const entry = {
      id: this.nextId++,
      time: Math.floor(Date.now() / 1000),
      microseconds: Math.floor(microseconds),
      args: shownArgs(args, script),
      address: client.transport?.address ?? '',
      clientName: client.name,
    }
    this.entries.push(entry)
    if (this.entries.length > room) this.entries.splice(0, this.entries.length - room)
    return entry
  }

  newest(count: number): readonly SlowlogEntry[] {
    return this.entries.slice(Math.max(0, this.entries.length - count)).reverse()
  }

  reset(): void {
    this.entries.length = 0
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
