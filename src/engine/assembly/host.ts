/**
 * What the engine needs of the outside.
 */
import type { AclFiles } from '../../acl/access-control.ts'
import type { Users } from '../../acl/users.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Lifecycle } from '../../commands/services/process.ts'
import type { CommandTable } from '../../commands/table.ts'
import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import type { Arena } from '../../memory/arena.ts'
import type { InterpreterOptions } from '../../scripting/interpreter-host.ts'
import type { StartElsewhere } from '../script-debugging.ts'

export interface EngineHost {
  readonly config: Config
  readonly commands: CommandTable
  readonly users: Users
  readonly files: AclFiles
  readonly log: Log
  readonly lifecycle: Lifecycle
  /** What other threads know of the running script; undefined where there are none. */
  readonly control?: Int32Array
  /** Where the keys are to lie; absent where nothing limits them but references. */
  readonly arena?: Arena
  /** Null where the server is not a cluster's node. */
  readonly cluster: Cluster | null
  /** For the interpreter of scripts, that of functions, and those of debugging sessions, a new one each. */
  interpreter(role: 'eval' | 'functions' | 'debugger'): InterpreterOptions
  /** Begins a debugging session in another thread; absent where there are none. */
  readonly startDebugging?: StartElsewhere
  info(sections: readonly string[]): string
  /** Bytes of the process, as the system sees it. */
  residentMemory(): number
  /** Blocks the thread: DEBUG SLEEP. */
  sleep(milliseconds: number): void
}
