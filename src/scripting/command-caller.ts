/**
 * What scripts and functions reach of the server. The server's side is given to the interpreter, which knows nothing else
 * of it.
 */
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { LuaReply } from './lua-reply.ts'

export interface CommandCaller {
  /** Id of a command, -1 when there is none. */
  resolve(name: Bytes): number
  /** Runs the command with an id that `resolve` gave, or refuses it. */
  call(id: number, args: Args, reply: LuaReply): void
  /** Levels: 0 debug, 1 verbose, 2 notice, 3 warning. */
  log(level: number, text: Bytes): void
  /** An error in an answer that is no command's. */
  countError(text: Bytes): void
  /** Undefined: no such command. */
  aclCheck(args: Args): boolean | undefined
  /** 1 AOF, 2 replicas. */
  setRepl(flags: number): void
  /** The alarm was set: the error to end the script with, or undefined: go on. `askAgain` sets it again. */
  poll(askAgain: () => void): string | undefined
}
