/**
 * A script host with a handful of commands over a Map: what the tests of scripting run their scripts against.
 */
import { createHash } from 'node:crypto'
import { ReplyError } from '../../../src/errors.ts'
import { Args } from '../../../src/memory/args.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import type { CommandCaller } from '../../../src/scripting/command-caller.ts'
import { FunctionHost } from '../../../src/scripting/function-host.ts'
import { FunctionRegistry } from '../../../src/scripting/functions.ts'
import type { InterpreterHostOptions } from '../../../src/scripting/interpreter-host.ts'
import { loadModule } from '../../../src/scripting/load-module.ts'
import type { LuaReply } from '../../../src/scripting/lua-reply.ts'
import { ScriptHost } from '../../../src/scripting/script-host.ts'

type Command = (args: Args, reply: LuaReply) => void

/** Compiled once for all tests of a file. */
let wasmModule: ReturnType<typeof loadModule> | undefined

export class FakeServer implements CommandCaller {
  readonly host: ScriptHost
  readonly functions: FunctionHost
  readonly libraries: FunctionRegistry
  readonly data = new Map<string, Buffer>()
  /** What scripts logged: level and text. */
  readonly logged: [number, string][] = []
  /** Texts of errors that were to be counted. */
  readonly counted: string[] = []
  readonly replFlags: number[] = []
  polls = 0
  /** What `poll` answers. */
  onPoll: () => string | undefined = () => undefined
  private readonly names: string[]
  private readonly commands: Record<string, Command>

  constructor(options: Partial<InterpreterHostOptions> = {}, commands: Record<string, Command> = {}) {
    this.commands = { ...this.basicCommands(), ...commands }
    this.names = Object.keys(this.commands)
    wasmModule ??= loadModule()
    const all = { module: wasmModule, caller: this, ...options }
    this.host = new ScriptHost(all)
    this.functions = new FunctionHost(all)
    this.libraries = new FunctionRegistry(this.functions)
  }

  /** The reply to EVAL as RESP, a character a byte. */
  eval(body: string, keys: string[] = [], argv: (string | Buffer)[] = [], protocol = 2): string {
    const bytes = Buffer.from(body, 'latin1')
    const sha = createHash('sha1').update(bytes).digest('hex')
    const args = Args.from('EVAL', bytes, String(keys.length), ...keys, ...argv)
    return this.host.run({ sha, body: bytes, shebangLength: 0 }, args, 3, keys.length, protocol).latin1()
  }

  /** Adds a library; its code without the first line. */
  load(name: string, code: string, replace = false): void {
    this.libraries.load(Buffer.from(`#!lua name=${name}\n${code}`, 'latin1'), replace)
  }

  /** The reply to FCALL. */
  fcall(name: string, keys: string[] = [], argv: (string | Buffer)[] = [], protocol = 2): string {
    const args = Args.from('FCALL', name, String(keys.length), ...keys, ...argv)
    const one = this.libraries.find(args.at(1))
    if (one === undefined) throw new Error(`no function ${name}`)
    return this.functions.call(one, args, 3, keys.length, protocol).latin1()
  }

  /** The content of a bulk reply. */
  bulk(body: string, keys: string[] = [], argv: (string | Buffer)[] = []): string {
    const reply = this.eval(body, keys, argv)
    const end = reply.indexOf('\r\n')
    if (!reply.startsWith('$') || end < 0) throw new Error(`no bulk string: ${reply.slice(0, 200)}`)
    return reply.slice(end + 2, -2)
  }

  /** The text of an error reply without the script's name. */
  error(body: string, keys: string[] = [], argv: (string | Buffer)[] = []): string {
    const reply = this.eval(body, keys, argv)
    if (!reply.startsWith('-')) throw new Error(`no error: ${reply.slice(0, 200)}`)
    return reply.slice(1, -2).replace(/[0-9a-f]{40}/, 'SHA')
  }

  close(): void {
    this.host.reset()
    this.functions.reset()
  }

  resolve(name: Bytes): number {
    return this.names.indexOf(name.latin1().toLowerCase())
  }

  call(id: number, args: Args, reply: LuaReply): void {
    if (id < 0) reply.error('ERR Unknown command called from script')
    else this.commands[this.names[id]!]!(args, reply)
  }

  countError(text: Bytes): void {
    this.counted.push(text.latin1())
  }

  log(level: number, text: Bytes): void {
    this.logged.push([level, text.latin1()])
  }

  aclCheck(args: Args): boolean | undefined {
    const id = this.resolve(args.at(0))
    return id < 0 ? undefined : this.names[id] !== 'forbidden'
  }

  setRepl(flags: number): void {
    this.replFlags.push(flags)
  }

  poll(): string | undefined {
    this.polls++
    return this.onPoll()
  }

  private basicCommands(): Record<string, Command> {
    return {
      ping: (_args, reply) => reply.status('PONG'),
      echo: (args, reply) => reply.bulk(args.at(1)),
      args: (args, reply) => {
        reply.array(args.count)
        for (let i = 0; i < args.count; i++) reply.bulk(args.at(i))
      },
      set: (args, reply) => {
        this.data.set(args.at(1).latin1(), args.at(2).copy())
        reply.ok()
      },
      get: (args, reply) => {
        const value = this.data.get(args.at(1).latin1())
        if (value === undefined) reply.null()
        else reply.bulk(new Bytes(value))
      },
      wrongtype: (_args, reply) => {
        reply.array(3)
        throw new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value')
      },
      defect: () => {
        throw new TypeError('a defect')
      },
      forbidden: (_args, reply) => reply.ok(),
    }
  }
}
