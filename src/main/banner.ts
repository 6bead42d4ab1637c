/**
 * What the server says of itself when it starts.
 */
import type { ConfigValues } from '../config.ts'
import type { Log } from '../log.ts'
import { PERILUNE_VERSION, VALKEY_VERSION } from '../version.ts'

const BITS = 64

export function usage(): string {
  return `Usage: perilune [/path/to/perilune.conf] [options] [-]
       perilune - (read config from stdin)
       perilune -v or --version
       perilune -h or --help

Options are the directives of the configuration file, with -- before them.

Examples:
       perilune (run the server with default conf)
       echo 'maxmemory 128mb' | perilune -
       perilune /etc/perilune/6379.conf
       perilune --port 7777
       perilune /etc/perilune.conf --loglevel verbose -
`
}

export function versionLine(): string {
  return `Perilune server v=${PERILUNE_VERSION} valkey=${VALKEY_VERSION} node=${process.version} bits=${BITS}\n`
}

export function logStart(log: Log, pid: number): void {
  log.notice(`oO0OoO0OoO0Oo Perilune ${PERILUNE_VERSION} is starting oO0OoO0OoO0Oo`)
  log.notice(
    `Perilune version=${PERILUNE_VERSION}, compatible with Valkey version=${VALKEY_VERSION}, ` +
      `bits=${BITS}, node=${process.version}, pid=${pid}, just started`,
  )
}

/** The logo, on a terminal or if it is asked for; otherwise one line. */
export function logMode(log: Log, config: ConfigValues, pid: number): void {
  const port = config.port || config['tls-port']
  const onTerminal = config.logfile === '' && process.stdout.isTTY
  if (onTerminal || config['always-show-logo']) log.raw(logo(serverMode(config), port, pid))
  else log.notice(`Running mode=${serverMode(config)}, port=${port}.`)
}

function serverMode(config: ConfigValues): string {
  return config['cluster-enabled'] ? 'cluster' : 'standalone'
}

function logo(mode: string, port: number, pid: number): string {
  return `
             .  .           *
         .            _.._
    *              .' .-'\`        Perilune ${PERILUNE_VERSION} (Valkey ${VALKEY_VERSION}) ${BITS} bit
                  /  /
        .         |  |            Running in ${mode} mode
                  \\  '.___.;      Port: ${port}
             o     '._  _.'       PID: ${pid}
    .                 \`\`
          *                 .

`
}
