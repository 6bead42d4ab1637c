/**
 * What an engine is given of the outside where there is nothing but the engine: no files, no process, no log.
 */
import { Users } from '../../src/acl/users.ts'
import { ALL_COMMANDS } from '../../src/commands/all.ts'
import { CommandTable } from '../../src/commands/table.ts'
import { Config } from '../../src/config.ts'
import type { EngineHost } from '../../src/engine/assembly/host.ts'
import { Log } from '../../src/log.ts'
import { Arena } from '../../src/memory/arena.ts'
import type { InterpreterOptions } from '../../src/scripting/interpreter-host.ts'

export function bareHost(
  interpreter: InterpreterOptions,
  commands = new CommandTable(ALL_COMMANDS),
  arena = new Arena(),
): EngineHost {
  const config = new Config()
  const log = new Log(() => {}, 0)
  return {
    config,
    commands,
    users: new Users(commands.all, config.values, log),
    files: { readFile: () => '', replaceFile() {} },
    log,
    arena,
    cluster: null,
    lifecycle: { lastSave: 0, shutdown: () => false, abortShutdown: () => false },
    interpreter: () => interpreter,
    info: () => '',
    residentMemory: () => 0,
    sleep() {},
  }
}
