/**
 * What the directives of TLS ask for, as options of Node's TLS: reads the files they name, and refuses what does not do,
 * in the words of Valkey, which are OpenSSL's.
 */
import { constants, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { systemWords } from '../../system-error.ts'
import type { ContextSettings } from './settings.ts'

/** Certificates that are read from `tls-ca-cert-dir`. */
const CA_FILES_MAX = 10_000
/** A password that OpenSSL finds too long to look at: what it says then is what it says when there is none. */
const NO_PASSWORD = ' '.repeat(2000)
/** What OpenSSL has of itself; Node would have others, and leaves TLS 1.3 out where none of its suites is named. */
const DEFAULT_CIPHERS = 'DEFAULT'
const DEFAULT_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

/** By lower-case name: the option that turns a version off. */
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tlsv1', constants.SSL_OP_NO_TLSv1],
  ['tlsv1.1', constants.SSL_OP_NO_TLSv1_1],
  ['tlsv1.2', constants.SSL_OP_NO_TLSv1_2],
  ['tlsv1.3', constants.SSL_OP_NO_TLSv1_3],
])
const DEFAULT_PROTOCOLS = 'TLSv1.2 TLSv1.3'

const NO_CERTIFICATE = 'error:05800088:x509 certificate routines::no certificate or crl found'
const DH_KEY_TOO_SMALL = 'error:0A00018A:SSL routines::dh key too small'

/** The configuration does not do; the message is for the log. */
export class TlsRefusal extends Error {}

/** Throws TlsRefusal. */
export function readContext(settings: ContextSettings): SecureContextOptions {
  const { 'tls-cert-file': certFile, 'tls-key-file': keyFile, 'tls-key-file-pass': password } = settings
  if (certFile === '') throw new TlsRefusal('No tls-cert-file configured!')
  if (keyFile === '') throw new TlsRefusal('No tls-key-file configured!')
  const noCa = settings['tls-ca-cert-file'] === '' && settings['tls-ca-cert-dir'] === ''
  if (settings['tls-auth-clients'] !== 'no' && noCa) {
    throw new TlsRefusal(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or ' +
        'tls-auth-clients are enabled!',
    )
  }
  const versions = protocolOptions(settings['tls-protocols'])
  const cert = orRefuse(`Failed to load certificate: ${named(certFile)}`, () => readCertificate(certFile))
  const secret = {
    key: orRefuse(`Failed to load private key: ${named(keyFile)}`, () => readPem(keyFile)),
    passphrase: password === '' ? NO_PASSWORD : Buffer.from(password, 'latin1').toString(),
  }
  orRefuse(`Failed to load private key: ${named(keyFile)}`, () => createSecureContext({ cert, ...secret }))
  const timeout = settings['tls-session-cache-timeout']
  const resumption = settings['tls-session-caching'] && timeout > 0
  return {
    cert,
    ...secret,
    ca: orRefuse('Failed to configure CA certificate(s) file/directory', () => readAuthorities(settings)),
    ciphers: `${ciphers(settings['tls-ciphers'])}:${suites(settings['tls-ciphersuites'])}`,
    dhparam: dhParameters(settings['tls-dh-params-file']),
    honorCipherOrder: settings['tls-prefer-server-ciphers'],
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
    secureOptions:
      versions | constants.SSL_OP_NO_RENEGOTIATION | (resumption ? 0 : constants.SSL_OP_NO_TICKET),
    ...(timeout > 0 && { sessionTimeout: timeout }),
  }
}

function protocolOptions(text: string): number {
  const wanted = (text || DEFAULT_PROTOCOLS).split(' ').map((word) => word.toLowerCase())
  if (wanted.some((name) => !PROTOCOLS.has(name))) {
    throw new TlsRefusal(
      "Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.",
    )
  }
  let options = 0
  for (const [name, off] of PROTOCOLS) if (!wanted.includes(name)) options |= off
  return options
}

function ciphers(text: string): string {
  // Suites of TLS 1.3 have a directive of their own.
  const list = (text || DEFAULT_CIPHERS).split(/[:, ;]/).filter((name) => !name.startsWith('TLS_'))
  return checkedCiphers('ciphers', text, list.join(':'), (names) => `${names}:${DEFAULT_SUITES}`)
}

function suites(text: string): string {
  const list = (text || DEFAULT_SUITES).split(':').filter((name) => name.startsWith('TLS_'))
  return checkedCiphers('ciphersuites', text, list.join(':'), (names) => `${DEFAULT_CIPHERS}:${names}`)
}

function checkedCiphers(kind: string, text: string, names: string, all: (names: string) => string): string {
  try {
    if (names === '') throw new Error('none is known')
    createSecureContext({ ciphers: all(names) })
    return names
  } catch {
    throw new TlsRefusal(`Failed to configure ${kind}: ${text}`)
  }
}

function dhParameters(file: string): string | Buffer {
  if (file === '') return 'auto'
  let pem: Buffer
  try {
    pem = readPem(file)
  } catch (error) {
    throw new TlsRefusal(`Failed to load ${named(file)}: ${systemWords((error as Error).cause)}`)
  }
  // Node takes anything without a word, and does without.
  const body = /-----BEGIN DH PARAMETERS-----([A-Za-z0-9+/=\s]+)-----END/.exec(pem.toString('latin1'))?.[1]
  if (body === undefined || !isDerSequence(Buffer.from(body, 'base64'))) {
    throw new TlsRefusal(`${named(file)}: failed to read DH params.`)
  }
  try {
    createSecureContext({ dhparam: pem })
  } catch {
    throw new TlsRefusal(`Failed to load DH params file: ${named(file)}: ${DH_KEY_TOO_SMALL}`)
  }
  return pem
}

/** Whether this is a sequence of ASN.1, all of it. */
function isDerSequence(der: Buffer): boolean {
  const SEQUENCE = 0x30
  const first = der[1] ?? 0
  const lengthBytes = first < 0x80 ? 0 : first - 0x80
  if (der[0] !== SEQUENCE || lengthBytes > 4 || der.length < 2 + lengthBytes) return false
  const length = lengthBytes === 0 ? first : der.readUIntBE(2, lengthBytes)
  return der.length === 2 + lengthBytes + length
}

function readCertificate(file: string): Buffer {
  const pem = readPem(file)
  createSecureContext({ cert: pem })
  return pem
}

/** The certificates that vouch for clients: those of the file, and those of the folder, named by OpenSSL's hashes. */
function readAuthorities(settings: ContextSettings): Buffer[] {
  const { 'tls-ca-cert-file': file, 'tls-ca-cert-dir': folder } = settings
  const authorities: Buffer[] = []
  if (file !== '') {
    const pem = readPem(file)
    if (!checkBlocks(pem)) throw new Error(NO_CERTIFICATE)
    authorities.push(pem)
  }
  for (const name of folder === '' ? [] : hashedNames(folder)) {
    try {
      const pem = readPem(`${folder}/${name}`)
      if (checkBlocks(pem)) authorities.push(pem)
    } catch {
      // OpenSSL looks at them only when one is needed, and then as if the bad ones were not there.
    }
  }
  return authorities
}

function hashedNames(folder: string): string[] {
  try {
    const names = readdirSync(Buffer.from(folder, 'latin1'), 'latin1')
    return names.filter((name) => /^[0-9a-f]{8}\.[0-9]+$/.test(name)).slice(0, CA_FILES_MAX)
  } catch {
    return []
  }
}

/** Whether there is a certificate or a list of revoked ones in the file. Throws when one cannot be read. */
function checkBlocks(pem: Buffer): boolean {
  const blocks = pem.toString('latin1').split('-----BEGIN ').slice(1)
  const certificates = blocks.filter((block) => /^(?:X509 |TRUSTED )?CERTIFICATE-----/.test(block))
  for (const block of certificates) new X509Certificate(`-----BEGIN ${block}`)
  return certificates.length > 0 || blocks.some((block) => block.startsWith('X509 CRL-----'))
}

/** Reads a file whose name is bytes, one character a byte. Errors are in OpenSSL's words, the system's as cause. */
function readPem(file: string): Buffer {
  try {
    return readFileSync(Buffer.from(file, 'latin1'))
  } catch (error) {
    const { code, errno = 0 } = error as NodeJS.ErrnoException
    // To OpenSSL a folder is an empty file.
    if (code === 'EISDIR') return Buffer.alloc(0)
    const number = (0x80000000 + Math.abs(errno)).toString(16).toUpperCase()
    throw new Error(`error:${number}:system library::${systemWords(error)}`, { cause: error })
  }
}

/** A file's name for a message. */
function named(file: string): string {
  return Buffer.from(file, 'latin1').toString()
}

function orRefuse<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new TlsRefusal(`${what}: ${(error as Error).message}`)
  }
}
