/**
 * The title of the process in `ps`, from `proc-title-template`.
 */
import type { ConfigValues } from '../config.ts'

export function processTitle(config: ConfigValues, configFile: string): string {
  const port = config.port || config['tls-port']
  const variables: Readonly<Record<string, string>> = {
    title: 'perilune',
    'listen-addr': port === 0 ? `unixsocket:${config.unixsocket}` : `${config.bind[0] ?? '*'}:${port}`,
    'server-mode': config['cluster-enabled'] ? '[cluster]' : '',
    'config-file': configFile === '' ? '-' : configFile,
    port: String(config.port),
    'tls-port': String(config['tls-port']),
    unixsocket: config.unixsocket,
  }
  const filled = config['proc-title-template'].replace(
    /\{\{|\{([^}]*)\}/g,
    (match, name: string | undefined) => (name === undefined ? match[0]! : (variables[name] ?? '')),
  )
  return filled.trim()
}
