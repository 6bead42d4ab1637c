/**
 * `daemonize yes`: the server is started anew as a process of its own, and the one that was started ends.
 */
import { spawn } from 'node:child_process'

/** Tells the new process that it is the daemon. */
const MARK = 'PERILUNE_DAEMON'

/** Whether this process is the daemon. */
export function isDaemon(): boolean {
  return process.env[MARK] !== undefined
}

/** Starts the daemon, giving it what was read from standard input, and resolves when it has that. */
export function startDaemon(input: string): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, [MARK]: '1' },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => {
      child.stdin!.once('error', reject)
      child.stdin!.end(Buffer.from(input, 'latin1'), () => {
        child.unref()
        resolve()
      })
    })
  })
}
