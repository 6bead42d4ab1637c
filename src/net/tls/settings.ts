/**
 * The directives that TLS depends on.
 */
import type { ConfigValues } from '../../config.ts'

/** What a change of makes the certificates be loaded again, for connections from then on. */
export const CONTEXT_DIRECTIVES = [
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-prefer-server-ciphers',
  'tls-session-caching',
  'tls-session-cache-timeout',
  'tls-dh-params-file',
] as const

/** What is looked at whenever a connection is accepted. */
export const ADMISSION_DIRECTIVES = ['tls-auth-clients', 'maxclients', 'tcp-keepalive'] as const

export type ContextSettings = Pick<ConfigValues, (typeof CONTEXT_DIRECTIVES)[number] | 'tls-auth-clients'>
export type AdmissionSettings = Pick<ConfigValues, (typeof ADMISSION_DIRECTIVES)[number]>
export type TlsSettings = ContextSettings & AdmissionSettings & Pick<ConfigValues, 'tls-port'>

/** The values of now, to be given to another thread. */
export function pick<Name extends keyof TlsSettings>(
  settings: TlsSettings,
  names: readonly Name[],
): Pick<TlsSettings, Name> {
  return Object.fromEntries(names.map((name) => [name, settings[name]])) as Pick<TlsSettings, Name>
}
