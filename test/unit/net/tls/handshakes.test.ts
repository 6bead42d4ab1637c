import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Handshakes, opensslWords } from '../../../../src/net/tls/handshakes.ts'
import { CONTROL_WORDS, REJECTED } from '../../../../src/net/tls/protocol.ts'
import { PLAIN, tlsClient, tlsParties, writeIdentity, writeTlsFiles } from '../../../support/access.ts'
import { Authority } from '../../../support/certificates.ts'
import { settle, ToyEngine, until } from '../toy-server.ts'

const TIMEOUT_MS = 100

let dir: string

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'perilune-tls-'))
  writeTlsFiles(dir)
})

after(() => rmSync(dir, { recursive: true, force: true }))

type Settings = ToyEngine['settings']

class Door {
  readonly warnings: string[] = []
  readonly let: TLSSocket[] = []
  readonly control = new Int32Array(CONTROL_WORDS)
  readonly settings: Settings
  readonly handshakes: Handshakes
  port = 0
  private readonly accepted: Socket[] = []
  private readonly server = createServer((socket) => {
    this.accepted.push(socket)
    this.handshakes.accept(socket)
  })

  constructor() {
    this.settings = Object.assign(new ToyEngine().settings, {
      'tls-cert-file': join(dir, 'server.crt'),
      'tls-key-file': join(dir, 'server.key'),
      'tls-ca-cert-file': join(dir, 'ca.crt'),
    })
    this.handshakes = new Handshakes({
      control: this.control,
      admission: this.settings,
      timeoutMs: TIMEOUT_MS,
      warning: (text) => this.warnings.push(text.replace(/ \(addr=127.0.0.1:\d+ laddr=127.0.0.1:\d+\)$/, '')),
      onSecure: (socket, ends) => {
        assert.deepEqual(ends.local, { address: '127.0.0.1', port: this.port })
        socket.on('error', () => {})
        this.let.push(socket)
      },
    })
  }

  open(): Promise<void> {
    return new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => {
        const address = this.server.address()
        this.port = typeof address === 'object' && address !== null ? address.port : 0
        resolve()
      })
    })
  }

  close(): void {
    for (const socket of this.accepted) socket.destroy()
    this.server.close()
  }

  /** Changes what is looked at when somebody comes. */
  admit(changes: Partial<Settings>): void {
    this.handshakes.setAdmission({ ...Object.assign(this.settings, changes) })
  }

  /** Whether it is let in. Clients believe that they are until they hear otherwise, so the door is asked. */
  async tries(options: ConnectionOptions = {}): Promise<boolean> {
    const before = this.let.length
    const refused = this.warnings.length
    const socket = connect({ port: this.port, host: '127.0.0.1', ...tlsClient(), ...options })
    socket.on('error', () => {})
    await until(() => this.let.length > before || this.warnings.length > refused)
    socket.destroy()
    return this.let.length > before
  }

  async sees(bytes: string | null): Promise<void> {
    const refused = this.warnings.length
    const socket = PLAIN.open(this.port)
    socket.on('error', () => {})
    if (bytes === null) socket.end()
    else socket.write(bytes)
    await until(() => this.warnings.length > refused)
    socket.destroy()
  }
}

async function withDoor(body: (door: Door) => Promise<void>, changes: Partial<Settings> = {}): Promise<void> {
  const door = new Door()
  await door.open()
  door.admit(changes)
  door.handshakes.configure(door.settings)
  try {
    await body(door)
  } finally {
    door.close()
  }
}

const NOBODY = { cert: undefined, key: undefined }
const STRANGER = new Authority('Stranger').issue('stranger')
const VERIFY_FAILED =
  'Error accepting a client connection: error:0A000086:SSL routines::certificate verify failed'
const NO_CERTIFICATE =
  'Error accepting a client connection: error:0A0000C7:SSL routines::peer did not return a certificate'

describe('handshakes', () => {
  test('yes: clients show a certificate', () =>
    withDoor(async (door) => {
      assert.ok(await door.tries())
      assert.equal(await door.tries(NOBODY), false)
      assert.equal(await door.tries(STRANGER), false)
      assert.equal(await door.tries({ ...STRANGER, maxVersion: 'TLSv1.2' }), false)
      assert.equal(await door.tries(tlsParties().authority.issue('late', { days: -1 })), false)
      assert.deepEqual(door.warnings, [NO_CERTIFICATE, VERIFY_FAILED, VERIFY_FAILED, VERIFY_FAILED])
    }))

  test('optional: a certificate that is shown must be good', () =>
    withDoor(
      async (door) => {
        assert.ok(await door.tries())
        assert.ok(await door.tries(NOBODY))
        assert.equal(await door.tries(STRANGER), false)
        assert.deepEqual(door.warnings, [VERIFY_FAILED])
      },
      { 'tls-auth-clients': 'optional' },
    ))

  test('no: nobody is asked for one', () =>
    withDoor(
      async (door) => {
        for (const who of [{}, NOBODY, STRANGER]) assert.ok(await door.tries(who))
        door.admit({ 'tls-auth-clients': 'yes' })
        assert.equal(await door.tries(NOBODY), false)
        door.admit({ 'tls-auth-clients': 'no' })
        assert.ok(await door.tries(NOBODY))
      },
      { 'tls-auth-clients': 'no' },
    ))

  test('a session lets nobody in who would not be let in without', () =>
    withDoor(
      async (door) => {
        const session = await new Promise<Buffer>((resolve) => {
          const socket = connect({ port: door.port, host: '127.0.0.1', ...tlsClient(), ...NOBODY })
          socket.once('session', resolve)
        })
        assert.ok(await door.tries({ ...NOBODY, session }))
        assert.equal(door.let.at(-1)!.isSessionReused(), true)
        door.admit({ 'tls-auth-clients': 'yes' })
        assert.equal(await door.tries({ ...NOBODY, session }), false)
      },
      { 'tls-auth-clients': 'no' },
    ))

  test('sessions are not resumed where they are not to be', () =>
    withDoor(
      async (door) => {
        const session = await new Promise<Buffer>((resolve) => {
          const socket = connect({ port: door.port, host: '127.0.0.1', ...tlsClient() })
          socket.once('session', resolve)
        })
        assert.ok(await door.tries({ session }))
        assert.equal(door.let.at(-1)!.isSessionReused(), false)
      },
      { 'tls-session-caching': false },
    ))

  test('who does not speak TLS is turned away', () =>
    withDoor(async (door) => {
      await door.sees('*1\r\n$4\r\nPING\r\n')
      await door.sees(null)
      await door.sees('GET / HTTP/1.1\r\n\r\n')
      assert.deepEqual(door.warnings, [
        'Error accepting a client connection: error:0A00010B:SSL routines::wrong version number',
        'Error accepting a client connection: error:0A000126:SSL routines::unexpected eof while reading',
        'Error accepting a client connection: error:0A00009C:SSL routines::http request',
      ])
    }))

  test('who takes too long is turned away', () =>
    withDoor(async (door) => {
      await door.sees('')
      await door.sees('\x16\x03\x01')
      for (const warning of door.warnings) assert.match(warning, /TLS handshake timeout/)
    }))

  test('as many as may be clients, handshakes included', () =>
    withDoor(
      async (door) => {
        const waiting = PLAIN.open(door.port)
        const client = connect({ port: door.port, host: '127.0.0.1', ...tlsClient() })
        await until(() => door.let.length === 1)
        const third = PLAIN.open(door.port)
        await new Promise((resolve) => third.once('close', resolve))
        assert.equal(door.control[REJECTED], 1)
        waiting.destroy()
        client.destroy()
        await until(() => door.let[0]!.destroyed)
        await settle()
        assert.ok(await door.tries())
      },
      { maxclients: 2 },
    ))

  test('another certificate, for those that come from now on', () =>
    withDoor(async (door) => {
      const { authority } = tlsParties()
      const nameOf = async () => {
        const socket = connect({ port: door.port, host: '127.0.0.1', ...tlsClient() })
        await new Promise((resolve) => socket.once('secureConnect', resolve))
        const { subject } = socket.getPeerCertificate()
        return { name: subject.CN, socket }
      }
      const first = await nameOf()
      assert.equal(first.name, 'localhost')
      const other = authority.issue('another')
      writeIdentity(dir, 'another', other)
      const files = { 'tls-cert-file': join(dir, 'another.crt'), 'tls-key-file': join(dir, 'another.key') }
      door.handshakes.configure({ ...door.settings, ...files })
      const second = await nameOf()
      assert.equal(second.name, 'another')
      assert.throws(() =>
        door.handshakes.configure({ ...door.settings, 'tls-key-file': files['tls-key-file'] }),
      )
      const third = await nameOf()
      assert.equal(third.name, 'another')
      assert.equal(first.socket.destroyed, false)
      for (const { socket } of [first, second, third]) socket.destroy()
    }))
})

test('errors of TLS are told in the words of OpenSSL', () => {
  const words = (message: string, code?: string) => opensslWords(Object.assign(new Error(message), { code }))
  const text =
    'C0FCF6F7FF7F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/x.c:355:\n'
  assert.equal(
    words(text, 'ERR_SSL_WRONG_VERSION_NUMBER'),
    'error:0A00010B:SSL routines::wrong version number',
  )
  assert.equal(words('socket hang up'), 'error:0A000126:SSL routines::unexpected eof while reading')
  assert.equal(words('read ECONNRESET', 'ECONNRESET'), 'Connection reset by peer')
})
