/**
 * What C calls of the server, as an interpreter imports it: finds what the addresses mean that it is given, asks the
 * server (command-caller.ts) or the debugger, and leaves the answer where C looks for it. Nothing may be thrown through the
 * frames of C: what goes wrong is told to the owner, who keeps the interpreter (interpreter-host.ts).
 *
 * The views that `CommandCaller.call` gets lie in the interpreter's memory and are valid until it returns. It may throw
 * ReplyError; whatever else it throws is a defect: the script sees an error and the interpreter is replaced.
 */
import { ReplyError } from '../errors.ts'
import { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import { formatDouble } from '../memory/numbers.ts'
import { type Imports, IO_PROTOCOL, RESULT_NO_MEMORY } from './abi.ts'
import type { CommandCaller } from './command-caller.ts'
import { checkPlace, type Interpreter, OutsideError } from './interpreter.ts'
import { LuaReply } from './lua-reply.ts'
import { processorSeconds } from './processor-time.ts'
import type { ScriptDebugger } from './script-debugger.ts'

/** More than a Lua function can be called with. */
const MAX_ARGUMENTS = 65_536

export interface ServerCallsOwner {
  /** A defect: the interpreter may be damaged. */
  onFault(error: unknown): void
  /** The run was ended from outside. */
  onKill(): void
}

export class ServerCalls {
  /** An error is part of the run's answer. */
  answeredError = false
  /** Of what has a limit of its own: the error that ends it, once its time is over. */
  overdue: (() => string | undefined) | null = null
  private readonly caller: CommandCaller
  private readonly owner: ServerCallsOwner
  /** Null between two, and while one is being made. */
  private interpreter: Interpreter | null = null
  private readonly reply = new LuaReply()
  private readonly args = new Args()
  private readonly seen = new Bytes()

  constructor(caller: CommandCaller, owner: ServerCallsOwner) {
    this.caller = caller
    this.owner = owner
  }

  attach(interpreter: Interpreter): void {
    this.interpreter = interpreter
    this.reply.attach(interpreter)
  }

  detach(): void {
    this.interpreter = null
  }

  /** An error is part of the answer. */
  noteError(text: Bytes, isCounted: boolean): void {
    this.answeredError = true
    if (!isCounted) this.caller.countError(text)
  }

  /** For one interpreter after the other. */
  imports(debug: ScriptDebugger | undefined): Imports {
    return {
      resolve: (name, length) => this.answer(-1, () => this.caller.resolve(this.view(name, length))),
      call: (id, count, args) => this.callCommand(id, count, args),
      poll: () => this.answer(0, () => this.poll()),
      log: (level, text, length) =>
        this.answer(undefined, () => this.caller.log(level, this.view(text, length))),
      error: (text, length, counted) =>
        this.answer(undefined, () => this.noteError(this.view(text, length), counted !== 0)),
      acl_check: (count, args) =>
        this.answer(0, () => {
          const allowed = this.caller.aclCheck(this.readArguments(count, args))
          return allowed === undefined ? -1 : Number(allowed)
        }),
      set_repl: (flags) => this.answer(undefined, () => this.caller.setRepl(flags)),
      format_double: (value, text) => this.interpreter!.heap.write(formatDouble(value), text, 'latin1'),
      clock: processorSeconds,
      function: () => RESULT_NO_MEMORY,
      ...(debug && this.debuggerImports(debug)),
    }
  }

  private debuggerImports(debug: ScriptDebugger): Partial<Imports> {
    const raised = (error: string | undefined) => (error === undefined ? 0 : this.raise(error))
    return {
      debug_stop: (reason) => this.answer(0, () => raised(debug.stop(reason))),
      debug_overdue: () => this.answer(0, () => Number(debug.isOverdue)),
      debug_poll: () => this.answer(0, () => raised(debug.poll())),
      debug_log: (text, length) => this.answer(undefined, () => debug.show(this.view(text, length))),
    }
  }

  /** Asks the server something; when that fails, `otherwise` is what C gets to know. */
  private answer<T>(otherwise: T, ask: () => T): T {
    try {
      return ask()
    } catch (error) {
      this.owner.onFault(error)
      return otherwise
    }
  }

  private callCommand(id: number, count: number, args: number): number {
    const reply = this.reply
    reply.reset()
    reply.protocol = this.interpreter!.get(IO_PROTOCOL)
    try {
      this.caller.call(id, this.readArguments(count, args), reply)
    } catch (error) {
      reply.rollback(0)
      if (error instanceof ReplyError) {
        reply.error(error.message)
      } else {
        this.owner.onFault(error)
        reply.error('ERR internal error')
      }
    }
    return reply.isTooLarge ? RESULT_NO_MEMORY : reply.result
  }

  /** The pairs (pointer, length) at `at` as arguments that lie in linear memory. */
  private readArguments(count: number, at: number): Args {
    const { heap, words } = this.interpreter!
    const args = this.args
    args.reset()
    if (count > MAX_ARGUMENTS) throw new OutsideError()
    for (let i = 0, w = at >> 2; i < count; i++, w += 2) {
      const start = words[w]!
      const length = words[w + 1]!
      checkPlace(heap, start, length)
      args.push(heap, start, length)
    }
    return args
  }

  private view(at: number, length: number): Bytes {
    const { heap } = this.interpreter!
    checkPlace(heap, at, length)
    return this.seen.set(heap, at, length)
  }

  private poll(): number {
    const { interpreter } = this
    // One that is being made has its predecessor's alarm, which stays set until it runs the script that is late.
    if (interpreter === null) return 0
    // Before asking: who sets it meanwhile has something new.
    interpreter.setAlarm(false)
    const error = this.overdue === null ? this.caller.poll(() => interpreter.setAlarm(true)) : this.overdue()
    if (error === undefined) return 0
    // Set until the run has ended, as the script may catch the error.
    interpreter.setAlarm(true)
    this.owner.onKill()
    return this.raise(error)
  }

  /** Leaves an error for C to raise. */
  private raise(error: string): 1 {
    this.reply.reset()
    this.reply.error(error)
    return 1
  }
}
