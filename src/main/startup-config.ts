/**
 * The configuration at start: file, standard input and command line; what it asks for that cannot be had.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AccessControl } from '../acl/access-control.ts'
import { Users } from '../acl/users.ts'
import { BUS_PORT_OFFSET } from '../cluster/nodes-file.ts'
import { ALL_COMMANDS } from '../commands/all.ts'
import { CommandTable } from '../commands/table.ts'
import { PORT_MAX } from '../config/checks.ts'
import { DIRECTIVES } from '../config/directives.ts'
import { readFiles } from '../config/file.ts'
import { Config, ConfigFileError, type ConfigPair, parseCommandLine } from '../config.ts'
import type { Log } from '../log.ts'
import { configHost } from './config-host.ts'

const STDIN = 0

/** Ends the start; the message says why. */
export class StartupError extends Error {
  /** Printed as it is, not logged. */
  readonly raw: boolean

  constructor(message: string, raw = false) {
    super(message)
    this.raw = raw
  }
}

export interface StartupConfig {
  readonly config: Config
  readonly commands: CommandTable
  readonly users: Users
  /** What was read from standard input. */
  readonly input: string
}

/** Command-line arguments as bytes, one character a byte. */
export function commandLineBytes(args: readonly string[]): string[] {
  return args.map((arg) => Buffer.from(arg).toString('latin1'))
}

/** Throws StartupError. */
export function loadConfig(args: readonly string[], log: Log): StartupConfig {
  const config = new Config(configHost, log)
  const commands = new CommandTable(ALL_COMMANDS)
  const users = new Users(commands.all, config.values, log)
  config.users = users
  log.settings = config.values
  const { file, fromStdin, options } = parseCommandLine(args)
  // Before the configuration changes the folder.
  if (file !== undefined) config.file = resolve(file)
  if (fromStdin) log.notice('Reading config from stdin')
  const input = fromStdin ? readFileSync(STDIN, 'latin1') : ''
  try {
    const content = file === undefined ? '' : readFiles(file, configHost)
    config.load(`${content}${input}\n${options}`)
  } catch (error) {
    throw new StartupError((error as Error).message, error instanceof ConfigFileError)
  }
  haveOneDatabaseInCluster(config, log)
  return { config, commands, users, input }
}

function haveOneDatabaseInCluster(config: Config, log: Log): void {
  const { databases, 'cluster-enabled': isClustered } = config.values
  if (!isClustered || databases === 1) return
  log.warning(`WARNING: Changing databases number from ${databases} to 1 since we are in cluster mode`)
  config.load('databases 1')
}

/** Refuses to start where going on would do something else than what was asked for: open to all, or not replicating. */
export function refuseUnsupported({ values }: Config): void {
  if (values.replicaof !== null) throw new StartupError('Replication is not supported (replicaof), exiting.')
  const port = values.port || values['tls-port']
  if (values['cluster-enabled'] && values['cluster-port'] === 0 && port > PORT_MAX - BUS_PORT_OFFSET) {
    throw new StartupError(
      'Valkey port number too high. Cluster communication port is 10,000 port numbers higher than your Valkey port. ' +
        'Your Valkey port number must be 55535 or less.',
    )
  }
  if (port === 0 && values.unixsocket === '') {
    throw new StartupError('Configured to not listen anywhere, exiting.')
  }
}

/** Makes the users of the configuration file, or those of the ACL file. Throws StartupError. */
export function loadUsers(users: Users, access: AccessControl, { values }: Config, log: Log): void {
  if (values.aclfile !== '' && users.hasDeclared) {
    throw new StartupError(
      'Configuring Perilune with users defined in valkey.conf and at the same setting an ACL file path is invalid. ' +
        'This setup is very likely to lead to configuration errors and security holes, please define either an ACL ' +
        'file or declare users directly in your valkey.conf, but not both.',
    )
  }
  try {
    users.loadDeclared()
  } catch (error) {
    log.warning((error as Error).message)
    throw new StartupError('Critical error while loading ACLs. Exiting.')
  }
  const errors = values.aclfile === '' ? undefined : access.load()
  if (errors !== undefined) {
    throw new StartupError(`Aborting Perilune startup because of ACL errors: ${errors}`)
  }
}

/** Changes at run time that Valkey would carry out and this server cannot. */
export function refuseUnsupportedChanges(config: Config, log: Log): void {
  const refuse = (reason: string, wanted: () => boolean) => () => {
    if (wanted()) throw new Error(reason)
  }
  const rdma = refuse('No RDMA building support.', () => {
    return config.values['rdma-port'] !== 0 || config.values['rdma-bind'].length > 0
  })
  config.onChange('rdma-port', rdma)
  config.onChange('rdma-bind', rdma)
  config.onChange('appendonly', () => {
    if (!config.values.appendonly) return
    log.warning('Append-only files are not supported (appendonly).')
    throw new Error('Unable to turn on AOF. Check server logs.')
  })
}

/** One line about what the configuration asks for in vain, and one of each such change. */
export function logInertSettings(config: Config, log: Log): void {
  warnOfInert(config.inertSettings, log)
  for (const [name, { effect }] of DIRECTIVES) {
    if (effect !== 'none') continue
    config.onChange(name, () =>
      warnOfInert(
        config.inertSettings.filter(([inert]) => inert === name),
        log,
      ),
    )
  }
}

function warnOfInert(settings: readonly ConfigPair[], log: Log): void {
  // No snapshots are what there is.
  const names = settings.filter(([name, value]) => name !== 'save' || value !== '').map(([name]) => name)
  if (names.length === 0) return
  log.warning(`WARNING: accepted without effect, as the feature does not exist here: ${names.join(', ')}`)
}
