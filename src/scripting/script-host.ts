/**
 * Runs scripts for the server. Scripts live in an interpreter of their own, which may be replaced at any time
 * (interpreter-host.ts); the server keeps their texts, and the interpreter gets them again when they are run.
 */
import type { Args } from '../memory/args.ts'
import type { Bytes } from '../memory/bytes.ts'
import { SHA_LENGTH } from './abi.ts'
import type { Interpreter } from './interpreter.ts'
import { InterpreterHost, type InterpreterHostOptions } from './interpreter-host.ts'
import { writeArguments } from './script-arguments.ts'

/** A script as the server's cache has it. */
export interface RunnableScript {
  readonly sha: string
  readonly body: Buffer
  /** Bytes of the first line that the interpreter must not see. */
  readonly shebangLength: number
}

/** A script that took more leaves memory behind that only a new interpreter gives back. */
const KEPT_MEMORY_MAX = 64 * 1024 * 1024

export class ScriptHost {
  readonly lua: InterpreterHost
  /** Numbers of the scripts in the interpreter, by SHA. */
  private readonly numbers = new Map<string, number>()
  private lastScript: RunnableScript | null = null
  private lastNumber = 0

  constructor(options: InterpreterHostOptions) {
    this.lua = new InterpreterHost(options, {
      furnish: (exports, insecureApi) => exports.init_sandbox(insecureApi ? 1 : 0),
      forget: () => {
        this.numbers.clear()
        this.lastScript = null
      },
      keptMemoryMax: KEPT_MEMORY_MAX,
      isKeptWhenKilled: false,
    })
  }

  /** Compiles a script; throws ReplyError when it does not compile. */
  load(sha: string, body: Buffer): void {
    if (!this.numbers.has(sha)) this.lua.guarded((interpreter) => this.compile(interpreter, sha, body))
  }

  unload(sha: string): void {
    const number = this.numbers.get(sha)
    if (number === undefined) return
    this.numbers.delete(sha)
    this.lastScript = null
    this.lua.release((interpreter) => interpreter.exports.unload(number))
  }

  /** SCRIPT FLUSH: forgets all scripts. */
  reset(): void {
    this.lua.reset()
  }

  /** The reply in RESP: a view that is valid until the next run. */
  run(script: RunnableScript, args: Args, firstKey: number, keys: number, protocol: number): Bytes {
    const { lua } = this
    lua.begin()
    try {
      const interpreter = lua.current()
      const number = script === this.lastScript ? this.lastNumber : this.numberOf(interpreter, script)
      const size = writeArguments(interpreter, args, firstKey)
      interpreter.exports.run(number, keys, args.count - firstKey - keys, protocol)
      return lua.finish(interpreter, size)
    } catch (error) {
      return lua.abort(error, script.sha)
    } finally {
      lua.end()
    }
  }

  /** The script's number in the interpreter, which gets it if it has not. */
  private numberOf(interpreter: Interpreter, script: RunnableScript): number {
    const body = script.body.subarray(script.shebangLength)
    this.lastNumber = this.numbers.get(script.sha) ?? this.compile(interpreter, script.sha, body)
    this.lastScript = script
    return this.lastNumber
  }

  private compile(interpreter: Interpreter, sha: string, body: Buffer): number {
    const at = interpreter.input(SHA_LENGTH + body.length)
    interpreter.heap.write(sha, at, 'latin1')
    interpreter.heap.set(body, at + SHA_LENGTH)
    const number = interpreter.exports.load(SHA_LENGTH + body.length)
    if (number === 0) throw interpreter.outputError()
    this.numbers.set(sha, number)
    return number
  }
}
