/**
 * The commands of a script that is debugged: while it is stepped through, they and their replies are told.
 */
import type { Args } from '../../memory/args.ts'
import type { Bytes } from '../../memory/bytes.ts'
import { TAG_ERROR } from '../abi.ts'
import type { CommandCaller } from '../command-caller.ts'
import type { LuaReply } from '../lua-reply.ts'
import { replyText } from './reply-text.ts'
import type { DebugSession } from './session.ts'

/** Arguments shown of a command. */
const SHOWN_ARGUMENTS = 10

/** The caller of scripts that are not debugged. */
export interface RefusingCaller extends CommandCaller {
  /** How many commands were refused before they ran. */
  readonly refusals: number
}

export class DebuggedCommands implements CommandCaller {
  private readonly caller: RefusingCaller
  private readonly session: DebugSession

  constructor(caller: RefusingCaller, session: DebugSession) {
    this.caller = caller
    this.session = session
  }

  resolve(name: Bytes): number {
    return this.caller.resolve(name)
  }

  call(id: number, args: Args, reply: LuaReply): void {
    const { caller, session } = this
    const { refusals } = caller
    if (session.isStepping) session.transcript.add(commandLine(args))
    caller.call(id, args, reply)
    if (session.isStepping) this.tell(reply, caller.refusals > refusals)
  }

  private tell(reply: LuaReply, wasRefused: boolean): void {
    const { transcript, script } = this.session
    const error = Buffer.from(reply.lastError).toString('latin1')
    if (wasRefused) transcript.add(`<error> ${error.startsWith('ERR ') ? error.slice(4) : `-${error}\r\n`}`)
    else {
      if (reply.result === TAG_ERROR) transcript.add(`<error> -${error}`)
      transcript.addCut(`<reply> ${replyText(script.interpreter, reply.result)}`)
    }
  }

  log(level: number, text: Bytes): void {
    this.caller.log(level, text)
  }

  countError(text: Bytes): void {
    this.caller.countError(text)
  }

  aclCheck(args: Args): boolean | undefined {
    return this.caller.aclCheck(args)
  }

  setRepl(flags: number): void {
    this.caller.setRepl(flags)
  }

  poll(askAgain: () => void): string | undefined {
    return this.caller.poll(askAgain)
  }
}

function commandLine(args: Args): string {
  let line = '<command>'
  for (let i = 0; i < Math.min(args.count, SHOWN_ARGUMENTS); i++) line += ` ${args.at(i).latin1()}`
  // One less than there are, as Valkey counts.
  return args.count > SHOWN_ARGUMENTS ? `${line} ... (${args.count - SHOWN_ARGUMENTS - 1} more)` : line
}
