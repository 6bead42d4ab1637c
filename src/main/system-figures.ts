/**
 * What the process and the machine say of themselves, for INFO and the metrics.
 */
import { randomBytes } from 'node:crypto'
import { arch, release, totalmem, type } from 'node:os'
import type { ProcessFigures } from '../observability/fields/source.ts'

/** Asking the system takes tens of microseconds: one answer serves for so long. */
const REFRESH_MS = 100

const RUN_ID_BYTES = 20
const MACHINE_NAMES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

export function randomId(): string {
  return randomBytes(RUN_ID_BYTES).toString('hex')
}

export class SystemFigures implements ProcessFigures {
  readonly pid = process.pid
  readonly runId = randomId()
  readonly executable: string
  readonly configFile: string
  readonly startedAt = Date.now()
  readonly os = `${type()} ${release()} ${MACHINE_NAMES[arch()] ?? arch()}`
  readonly archBits = 64
  readonly nodeVersion = process.versions.node
  readonly totalMemory = totalmem()
  private nextRefresh = 0
  private memory = process.memoryUsage.rss()
  private cpu = process.cpuUsage()

  constructor(executable: string, configFile: string) {
    this.executable = executable
    this.configFile = configFile
  }

  get residentMemory(): number {
    this.refresh()
    return this.memory
  }

  get cpuUser(): number {
    this.refresh()
    return this.cpu.user / 1e6
  }

  get cpuSystem(): number {
    this.refresh()
    return this.cpu.system / 1e6
  }

  private refresh(): void {
    const now = performance.now()
    if (now < this.nextRefresh) return
    this.nextRefresh = now + REFRESH_MS
    this.memory = process.memoryUsage.rss()
    this.cpu = process.cpuUsage()
  }
}
