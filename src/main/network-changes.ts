/**
 * What CONFIG SET changes of the network: where the server listens, with what certificates, and whom it lets in.
 */
import type { Config } from '../config.ts'
import { type IpListener, ListenError } from '../net/listener.ts'
import type { NetworkServer } from '../net/server.ts'
import { ADMISSION_DIRECTIVES, CONTEXT_DIRECTIVES } from '../net/tls/settings.ts'

const NO_PORT = 'Unable to listen on this port. Check server logs.'
const NO_ADDRESS = 'Failed to bind to specified addresses.'
const NO_TLS = 'Unable to update TLS configuration. Check server logs.'

export function followNetworkChanges(config: Config, network: NetworkServer): void {
  const { values } = config
  const { tls } = network
  const rebind = (refusal: string, ...kinds: IpListener[]) => {
    try {
      network.rebind(...kinds)
    } catch (error) {
      throw error instanceof ListenError ? new Error(refusal) : error
    }
  }
  const configure = () => {
    try {
      tls.configure()
    } catch {
      throw new Error(NO_TLS)
    }
  }
  const reconfigure = () => {
    if (values['tls-port'] !== 0) configure()
  }
  const updateAdmission = () => tls.updateAdmission()

  config.onChange('bind', () => rebind(NO_ADDRESS, 'tcp', 'tls'))
  config.onChange('port', () => rebind(NO_PORT, 'tcp'))
  config.onChange('tls-port', () => {
    if (!tls.isConfigured) configure()
    rebind(NO_PORT, 'tls')
  })
  for (const name of CONTEXT_DIRECTIVES) config.onChange(name, reconfigure)
  for (const name of ADMISSION_DIRECTIVES) config.onChange(name, updateAdmission)
}
