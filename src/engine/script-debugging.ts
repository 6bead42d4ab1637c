/**
 * Runs scripts with a debugger. Either here, while everybody else waits and for good (SCRIPT DEBUG SYNC), or elsewhere on a
 * copy of all keys, where nobody notices (SCRIPT DEBUG YES): Valkey forks for that, we have a server of its own made in
 * another thread, in which the same script runs here.
 */
import { readCall } from '../commands/scripting/call.ts'
import type { ScriptDebugging as DebuggingService } from '../commands/services/scripts.ts'
import { failWith } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Args } from '../memory/args.ts'
import type { Conversation } from '../protocol/conversation.ts'
import type { ReplySink } from '../protocol/reply-sink.ts'
import { DebuggedCommands } from '../scripting/debugger/debugged-commands.ts'
import { DebugSession } from '../scripting/debugger/session.ts'
import type { InterpreterOptions } from '../scripting/interpreter-host.ts'
import { ScriptHost } from '../scripting/script-host.ts'
import type { Client } from './client.ts'
import type { ExecutionContext } from './execution-context.ts'
import type { ScriptCommands } from './script-commands.ts'
import type { ScriptRunner } from './script-runner.ts'

/** Debugs a script of a client elsewhere; what fails is the text of the reason. */
export type StartElsewhere = (client: Client, args: Args) => string | undefined

export interface ScriptDebuggingParts {
  readonly context: ExecutionContext
  readonly commands: ScriptCommands
  readonly scripts: ScriptRunner
  readonly settings: { readonly 'busy-reply-threshold': number }
  readonly log: Log
  /** For the interpreter of a session, which has one of its own. */
  readonly interpreter: () => InterpreterOptions
  /** Absent in a server that is such a copy itself. */
  readonly startElsewhere: StartElsewhere | undefined
}

const NO_DESCRIPTOR =
  'ERR this connection cannot be debugged with SCRIPT DEBUG SYNC: it has no descriptor, or unread replies'

export class ScriptDebugging implements DebuggingService {
  private readonly parts: ScriptDebuggingParts

  constructor(parts: ScriptDebuggingParts) {
    this.parts = parts
  }

  eval(args: Args, readOnly: boolean, reply: ReplySink): void {
    const { context, startElsewhere, log } = this.parts
    const { client } = context
    if (client.debugMode === 'yes') {
      client.debugMode = 'no'
      const reason = startElsewhere === undefined ? 'Function not implemented' : startElsewhere(client, args)
      if (reason !== undefined) failWith(`ERR Fork() failed: can't run EVAL in debugging mode: ${reason}`)
      return
    }
    const user = client.transport?.converse() ?? failWith(NO_DESCRIPTOR)
    log.notice(`${this.kind} started`)
    try {
      this.run(user, args, readOnly, reply)
    } finally {
      user.end()
      client.closeAfterReply = true
      log.notice(`${this.kind} ended`)
    }
  }

  private get kind(): string {
    const isCopy = this.parts.startElsewhere === undefined
    return isCopy ? 'Debugging session' : 'Synchronous debugging session'
  }

  /** The script's reply follows what is told of its end. */
  private run(user: Conversation, args: Args, readOnly: boolean, reply: ReplySink): void {
    const { commands, scripts, settings, interpreter } = this.parts
    const session = new DebugSession({
      body: args.at(1),
      user,
      timeLimit: settings['busy-reply-threshold'],
    })
    const caller = new DebuggedCommands(commands, session)
    const host = new ScriptHost({ ...interpreter(), caller, debugger: session })
    try {
      scripts.eval(readCall(args, readOnly), reply, host)
    } finally {
      session.end()
      host.reset()
    }
  }
}
