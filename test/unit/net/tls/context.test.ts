/**
 * What TLS configurations are refused, with what words; a real Valkey, where there is one that speaks TLS, says the same.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { readContext, TlsRefusal } from '../../../../src/net/tls/context.ts'
import type { ContextSettings } from '../../../../src/net/tls/settings.ts'
import { tlsParties, writeIdentity, writeTlsFiles } from '../../../support/access.ts'
import { noTlsOracle } from '../../../support/server.ts'
import { ToyEngine } from '../toy-server.ts'

const PASSWORD = 'open sesame'
const LOCKED = { 'tls-cert-file': 'locked.crt', 'tls-key-file': 'locked.key' }

type Changes = Partial<ContextSettings>

let dir: string

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perilune-tls-'))
  const { authority } = tlsParties()
  writeTlsFiles(dir)
  writeIdentity(dir, 'other', authority.issue('other'))
  writeIdentity(dir, 'locked', authority.issue('locked', { password: PASSWORD }))
  writeFileSync(join(dir, 'empty'), '')
  writeFileSync(join(dir, 'text'), 'no certificate\n')
  writeFileSync(join(dir, 'half.crt'), authority.cert.slice(0, 200))
  writeFileSync(join(dir, 'no-dh'), '-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n')
  mkdirSync(join(dir, 'folder'))
  writeFileSync(join(dir, 'folder', authority.fileName), authority.cert)
  writeFileSync(join(dir, 'folder', 'README'), 'no certificate\n')
})

after(() => rm(dir, { recursive: true, force: true }))

/** Settings that do, but for these. Names of files are in the test's folder. */
function settings(changes: Changes): ContextSettings {
  const files = { 'tls-cert-file': 'server.crt', 'tls-key-file': 'server.key', 'tls-ca-cert-file': 'ca.crt' }
  const entries = Object.entries({ ...files, ...changes })
  const placed = entries.map(([name, value]) => [
    name,
    isPlace(name) && value ? join(dir, String(value)) : value,
  ])
  return { ...new ToyEngine().settings, ...Object.fromEntries(placed) }
}

function isPlace(name: string): boolean {
  return name.endsWith('-file') || name.endsWith('-dir')
}

function refusalOf(changes: Changes): string | undefined {
  try {
    createSecureContext(readContext(settings(changes)))
    return undefined
  } catch (error) {
    assert.ok(error instanceof TlsRefusal, String(error))
    return error.message
  }
}

/** What Valkey says of it before it gives up. */
function valkeyRefusal(changes: Changes): string | undefined {
  const wanted = Object.entries(settings(changes)).filter(([name]) => name.startsWith('tls-'))
  const words = wanted.map(([name, value]) => {
    if (name === 'tls-port') return ['--tls-port', '1']
    return [`--${name}`, typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)]
  })
  const program = join(process.env.PERILUNE_VALKEY!, 'valkey-server')
  const { stdout } = spawnSync(program, ['--port', '0', ...words.flat()], { cwd: dir })
  const lines = [...stdout.toString().matchAll(/^\d+:M .{24} # (.*)$/gm)].map((match) => match[1]!)
  assert.equal(lines.at(-1), 'Failed to configure TLS. Check logs for more info.')
  return lines.at(-2)
}

/** With how the words begin: behind that are OpenSSL's, which change from version to version. */
const REFUSED: readonly (readonly [what: string, changes: Changes, words: string])[] = [
  ['no certificate', { 'tls-cert-file': '' }, 'No tls-cert-file configured!'],
  ['no key', { 'tls-key-file': '' }, 'No tls-key-file configured!'],
  [
    'nobody who vouches for clients',
    { 'tls-ca-cert-file': '' },
    'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when ',
  ],
  [
    'a certificate that is not there',
    { 'tls-cert-file': 'nowhere' },
    'Failed to load certificate: DIR/nowhere: error:',
  ],
  ['an empty certificate', { 'tls-cert-file': 'empty' }, 'Failed to load certificate: DIR/empty: error:'],
  [
    'a folder for a certificate',
    { 'tls-cert-file': 'folder' },
    'Failed to load certificate: DIR/folder: error:',
  ],
  ['a text for a certificate', { 'tls-cert-file': 'text' }, 'Failed to load certificate: DIR/text: error:'],
  ['half a certificate', { 'tls-cert-file': 'half.crt' }, 'Failed to load certificate: DIR/half.crt: error:'],
  [
    'a key that is not there',
    { 'tls-key-file': 'nowhere' },
    'Failed to load private key: DIR/nowhere: error:',
  ],
  ['a text for a key', { 'tls-key-file': 'text' }, 'Failed to load private key: DIR/text: error:'],
  [
    'the key of another',
    { 'tls-key-file': 'other.key' },
    'Failed to load private key: DIR/other.key: error:',
  ],
  ['a key without its password', LOCKED, 'Failed to load private key: DIR/locked.key: error:'],
  [
    'a key with a wrong password',
    { ...LOCKED, 'tls-key-file-pass': 'open barley' },
    'Failed to load private key: DIR/locked.key: error:',
  ],
  [
    'an authority that is not there',
    { 'tls-ca-cert-file': 'nowhere' },
    'Failed to configure CA certificate(s) file/directory: error:',
  ],
  [
    'an empty authority',
    { 'tls-ca-cert-file': 'empty' },
    'Failed to configure CA certificate(s) file/directory: error:',
  ],
  [
    'a text for an authority',
    { 'tls-ca-cert-file': 'text' },
    'Failed to configure CA certificate(s) file/directory: error:',
  ],
  [
    'half an authority',
    { 'tls-ca-cert-file': 'half.crt' },
    'Failed to configure CA certificate(s) file/directory: error:',
  ],
  [
    'an unknown protocol',
    { 'tls-protocols': 'TLSv1.2 SSLv3' },
    'Invalid tls-protocols specified. Use a combination of ',
  ],
  [
    'ciphers that are none',
    { 'tls-ciphers': 'NO-SUCH-CIPHER' },
    'Failed to configure ciphers: NO-SUCH-CIPHER',
  ],
  [
    'suites that are none',
    { 'tls-ciphersuites': 'NO_SUCH_SUITE' },
    'Failed to configure ciphersuites: NO_SUCH_SUITE',
  ],
  [
    'DH parameters that are not there',
    { 'tls-dh-params-file': 'nowhere' },
    'Failed to load DIR/nowhere: No such file or directory',
  ],
  ['a text for DH parameters', { 'tls-dh-params-file': 'text' }, 'DIR/text: failed to read DH params.'],
  ['broken DH parameters', { 'tls-dh-params-file': 'no-dh' }, 'DIR/no-dh: failed to read DH params.'],
]

const VALKEYS_OPENSSL = '3.0.'
const noOracle = noTlsOracle() || (!process.versions.openssl.startsWith(VALKEYS_OPENSSL) && 'another OpenSSL')

describe('a configuration is refused', () => {
  for (const [what, changes, words] of REFUSED) {
    test(what, () => {
      const refusal = refusalOf(changes)
      assert.ok(refusal?.startsWith(words.replace('DIR', dir)), refusal)
    })
    test(`${what}, in Valkey's words`, { skip: noOracle }, () => {
      assert.equal(refusalOf(changes), valkeyRefusal(changes))
    })
  }
})

describe('a configuration will do', () => {
  const accepted: readonly (readonly [what: string, changes: Changes])[] = [
    ['with nothing but files', {}],
    ['with the password of its key', { ...LOCKED, 'tls-key-file-pass': PASSWORD }],
    ['with a folder of authorities', { 'tls-ca-cert-file': '', 'tls-ca-cert-dir': 'folder' }],
    ['with a folder that is not there', { 'tls-ca-cert-file': '', 'tls-ca-cert-dir': 'nowhere' }],
    ['without authorities, where clients show nothing', { 'tls-ca-cert-file': '', 'tls-auth-clients': 'no' }],
    ['with old protocols', { 'tls-protocols': 'TLSv1 tlsv1.1 TLSV1.2' }],
    ['with some ciphers', { 'tls-ciphers': 'ECDHE-ECDSA-AES128-GCM-SHA256:NO-SUCH-CIPHER' }],
    ['with a suite', { 'tls-ciphersuites': 'TLS_AES_128_GCM_SHA256' }],
  ]
  for (const [what, changes] of accepted) test(what, () => assert.equal(refusalOf(changes), undefined))

  test('the folder holds the authorities that have the names for it', () => {
    const { ca } = readContext(settings({ 'tls-ca-cert-file': '', 'tls-ca-cert-dir': 'folder' }))
    assert.deepEqual((ca as Buffer[]).map(String), [tlsParties().authority.cert])
  })
})
