/**
 * The program: reads the configuration, builds the server and runs it until somebody ends it.
 */
import './main/compiler-settings.ts'
import { Log } from './log.ts'
import { logMode, logStart, usage, versionLine } from './main/banner.ts'
import { openCluster } from './main/cluster-node.ts'
import { isDaemon, startDaemon } from './main/daemon.ts'
import { ProcessLifecycle } from './main/lifecycle.ts'
import { LogOutput } from './main/log-output.ts'
import { checkMetricsAddress } from './main/metrics-address.ts'
import { processTitle } from './main/process-title.ts'
import { buildServer, type Server } from './main/server.ts'
import {
  commandLineBytes,
  loadConfig,
  logInertSettings,
  refuseUnsupported,
  refuseUnsupportedChanges,
  type StartupConfig,
  StartupError,
} from './main/startup-config.ts'
import { MetricsThread } from './observability/http/metrics-thread.ts'
import { tokenHash } from './observability/http/token.ts'

/** Less is hardly meant: most likely a unit was forgotten. */
const SMALL_MAXMEMORY = 1024 * 1024

const output = new LogOutput()
const log = new Log(output.write, process.pid)

async function main(args: readonly string[]): Promise<void> {
  const [first] = args
  if (first === '-v' || first === '--version') return void process.stdout.write(versionLine())
  if (first === '-h' || first === '--help') return void process.stdout.write(usage())
  const startup = loadConfig(commandLineBytes(args), log)
  const { config, input } = startup
  output.file = config.values.logfile
  if (config.values.daemonize && config.values.supervised === 'no' && !isDaemon()) return startDaemon(input)
  await run(startup, args.length > 0)
}

async function run(startup: StartupConfig, configured: boolean): Promise<void> {
  const { config } = startup
  const { values } = config
  logStart(log, process.pid)
  if (configured) log.notice('Configuration loaded')
  else log.warning('Warning: no config file specified, using the default config.')
  refuseUnsupported(config)
  logInertSettings(config, log)
  await checkMetricsAddress(values)
  const lifecycle = new ProcessLifecycle(config, log)
  lifecycle.writePidFile(isDaemon())
  const title = () => {
    if (values['set-proc-title']) process.title = processTitle(values, config.file ?? '')
  }
  title()
  config.onChange('proc-title-template', title)
  refuseUnsupportedChanges(config, log)
  logMode(log, values, process.pid)

  const server = buildServer(startup, log, lifecycle, await openCluster(config, log))
  lifecycle.handleSignals()
  await server.start()
  log.notice('Server initialized')
  void serveMetrics(server, lifecycle)
  for (const { name } of server.source.listeners) log.notice(`Ready to accept connections ${name}`)
  warnOfSmallMemory(values.maxmemory)
}

/** The thread takes its time to start, and without metrics the server is still of use: nobody waits for them. */
async function serveMetrics({ source, ledger, control }: Server, lifecycle: ProcessLifecycle): Promise<void> {
  const port = source.config['metrics-port']
  const host = source.config['metrics-bind']
  if (port === 0) return
  try {
    const metrics = await MetricsThread.start(source, ledger, {
      host,
      port,
      control,
      log,
      tokenHash: tokenHash(source.config['metrics-token']),
    })
    lifecycle.stopMetrics = () => metrics.stop()
    log.notice(`Metrics at http://${host}:${port}/metrics`)
  } catch (error) {
    log.warning(`Warning: no metrics at ${host}:${port}: ${(error as Error).message}`)
  }
}

function warnOfSmallMemory(maxmemory: number): void {
  if (maxmemory === 0 || maxmemory >= SMALL_MAXMEMORY) return
  log.warning(
    `WARNING: You specified a maxmemory value that is less than 1MB (current value is ${maxmemory} bytes). ` +
      'Are you sure this is what you really want?',
  )
}

/** Where nobody may read the log, standard error has the reason as well. */
function refuseToStart(error: StartupError): never {
  if (error.raw) process.stderr.write(error.message)
  else {
    log.warning(error.message)
    if (output.file !== '' || !process.stdout.isTTY) process.stderr.write(`${error.message}\n`)
  }
  process.exit(1)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof StartupError) refuseToStart(error)
  throw error
}
