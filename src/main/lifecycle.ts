/**
 * The end of the process: by SHUTDOWN, by a signal; and the process id file that goes with it.
 */
import { rmSync, writeFileSync } from 'node:fs'
import type { Lifecycle, ShutdownOptions } from '../commands/services/process.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { systemWords } from '../system-error.ts'

/** Where a daemon notes its process id without `pidfile`. */
const DEFAULT_PID_FILE = '/var/run/perilune.pid'

export class ProcessLifecycle implements Lifecycle {
  readonly lastSave = Math.floor(Date.now() / 1000)
  /** Changes since the last save; set by the wiring. */
  unsavedChanges: () => number = () => 0
  /** A script keeps the event loop from going on; set by the wiring. */
  isBlocked: () => boolean = () => false
  /** Closes listening sockets and connections; set by the wiring. */
  close: () => Promise<void> = async () => {}
  stopMetrics: () => Promise<void> = async () => {}
  private readonly config: Config
  private readonly log: Log
  private pidFile = ''
  private ending = false

  constructor(config: Config, log: Log) {
    this.config = config
    this.log = log
  }

  shutdown(options: ShutdownOptions): boolean {
    this.log.notice('User requested shutdown...')
    if (options.save === 'save' && !options.force) {
      this.log.warning("Error trying to save the DB, can't exit: snapshots are not supported.")
      return false
    }
    if (options.save !== 'nosave' && this.config.values.save.length > 0 && this.unsavedChanges() > 0) {
      this.log.warning(`Snapshots are not supported: ${this.unsavedChanges()} changes are not saved.`)
    }
    this.ending = true
    if (this.isBlocked()) this.endNow()
    // Whoever asked is in the middle of a command.
    else setImmediate(() => this.end())
    return true
  }

  /** A shutdown never waits: there are no replicas to wait for. */
  abortShutdown(): boolean {
    return false
  }

  /** SIGTERM and SIGINT end the process; a second SIGINT ends it at once. */
  handleSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.ending && signal === 'SIGINT') {
          this.log.fromSignal('You insist... exiting now.')
          process.exit(1)
        }
        this.log.fromSignal(`Received ${signal} scheduling shutdown...`)
        if (!this.ending) this.shutdown({ save: 'default', now: false, force: false })
      })
    }
    // The log is opened for each line, so there is nothing to reopen.
    process.on('SIGHUP', () => {})
    process.on('SIGPIPE', () => {})
    // Left alone, it would open Node's debugger to everybody on this machine.
    process.on('SIGUSR1', () => {})
  }

  writePidFile(isDaemon: boolean): void {
    const file = this.config.values.pidfile || (isDaemon ? DEFAULT_PID_FILE : '')
    if (file === '') return
    try {
      writeFileSync(Buffer.from(file, 'latin1'), `${process.pid}\n`)
      this.pidFile = file
    } catch (error) {
      this.log.warning(`Failed to write PID file: ${systemWords(error)}`)
    }
  }

  private async end(): Promise<void> {
    // First of all, see guardian/guardian.ts.
    await this.stopMetrics()
    await this.close()
    this.leave()
  }

  /** Within a script that does not end: there is no later. */
  private endNow(): void {
    void this.close()
    this.leave()
  }

  private leave(): void {
    if (this.pidFile !== '') {
      this.log.notice('Removing the pid file.')
      rmSync(Buffer.from(this.pidFile, 'latin1').toString(), { force: true })
    }
    this.log.warning('Perilune is now ready to exit, bye bye...')
    process.exit(0)
  }
}
