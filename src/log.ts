/**
 * The server's log, in Valkey's formats. It knows no files: who makes it gives it a function that takes text.
 */
import type { ConfigValues } from './config.ts'

export type LogSettings = Pick<ConfigValues, 'loglevel' | 'log-format' | 'log-timestamp-format'>

const LEVELS = ['debug', 'verbose', 'notice', 'warning', 'nothing'] as const
/** By level: the mark of a line, and the name in logfmt. */
const MARKS = '.-*#'
const LOGFMT_NAMES = ['debug', 'info', 'notice', 'warning']
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** Longer messages are cut. */
const MESSAGE_MAX = 8192

const DEFAULTS: LogSettings = { loglevel: 'notice', 'log-format': 'legacy', 'log-timestamp-format': 'legacy' }

export class Log {
  /** Live: usually the configuration's values. */
  settings: LogSettings = DEFAULTS
  private readonly write: (text: string) => void
  private readonly pid: number

  constructor(write: (text: string) => void, pid: number) {
    this.write = write
    this.pid = pid
  }

  /** 0 debug, 1 verbose, 2 notice, 3 warning. */
  at(level: number, message: string): void {
    this.line(level, message)
  }

  debug(message: string): void {
    this.line(0, message)
  }

  verbose(message: string): void {
    this.line(1, message)
  }

  notice(message: string): void {
    this.line(2, message)
  }

  warning(message: string): void {
    this.line(3, message)
  }

  /** Text without time and level, at level notice: the logo. */
  raw(text: string): void {
    if (LEVELS.indexOf(this.settings.loglevel) <= 2) this.write(text)
  }

  /** A line that the log of another thread has made. */
  passOn(line: string): void {
    this.write(line)
  }

  /** A line of level warning in the form Valkey's signal handlers use. */
  fromSignal(message: string): void {
    if (this.settings.loglevel === 'nothing') return
    this.write(`${this.pid}:signal-handler (${Math.floor(Date.now() / 1000)}) ${message}\n`)
  }

  private line(level: number, text: string): void {
    const settings = this.settings
    if (level < LEVELS.indexOf(settings.loglevel)) return
    const message = text.length > MESSAGE_MAX ? text.slice(0, MESSAGE_MAX) : text
    const time = timestamp(new Date(), settings['log-timestamp-format'])
    if (settings['log-format'] === 'logfmt') {
      const safe = message.replace(/[\r\n]/g, ' ').replaceAll('"', "'")
      const name = LOGFMT_NAMES[level]!
      this.write(`pid=${this.pid} role=primary timestamp="${time}" level=${name} message="${safe}"\n`)
    } else {
      this.write(`${this.pid}:M ${time} ${MARKS[level]} ${message}\n`)
    }
  }
}

function padded(value: number, length = 2): string {
  return String(value).padStart(length, '0')
}

function timestamp(date: Date, format: LogSettings['log-timestamp-format']): string {
  if (format === 'milliseconds') return String(date.getTime())
  const day = padded(date.getDate())
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => padded(n)).join(':')
  const clock = `${time}.${padded(date.getMilliseconds(), 3)}`
  if (format === 'legacy') return `${day} ${MONTHS[date.getMonth()]} ${date.getFullYear()} ${clock}`
  return `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${day}T${clock}${zone(-date.getTimezoneOffset())}`
}

/** `+02:00` */
function zone(minutes: number): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${padded(Math.floor(size / 60))}:${padded(size % 60)}`
}
