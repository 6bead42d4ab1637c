/**
 * Whether `metrics-bind` is an address of this machine. The thread of the metrics starts behind the server, which goes on
 * when its port is taken; an address that cannot be had at all is a mistake in the configuration and ends the start.
 */
import { createServer } from 'node:net'
import type { ConfigValues } from '../config.ts'
import { StartupError } from './startup-config.ts'

/** Throws StartupError. */
export async function checkMetricsAddress(settings: ConfigValues): Promise<void> {
  if (settings['metrics-port'] === 0) return
  const host = settings['metrics-bind']
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject)
      // Any port: the one of the metrics may be taken.
      server.listen({ host, port: 0 }, resolve)
    })
  } catch (error) {
    throw new StartupError(`Could not have the metrics at metrics-bind ${host}: ${(error as Error).message}`)
  } finally {
    server.close()
  }
}
