/**
 * TLS as clients see it: whom the server lets in, and what CONFIG SET changes of that.
 */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, TLSSocket } from 'node:tls'
import { openTls, PLAIN, tlsClient, tlsParties, writeIdentity } from '../support/access.ts'
import { Authority } from '../support/certificates.ts'
import { whenOpen } from '../support/resp-client.ts'
import {
  type Call,
  Connection,
  freePort,
  noTlsOracle,
  onEachServer,
  type Reply,
  TLS,
} from '../support/server.ts'

const NO_TLS =
  "ERR CONFIG SET failed (possibly related to argument 'tls-cert-file') - Unable to update TLS configuration. Check server logs."
const NO_PORT =
  "ERR CONFIG SET failed (possibly related to argument 'tls-port') - Unable to listen on this port. Check server logs."
const NOBODY = { cert: undefined, key: undefined }
const STRANGER = new Authority('Stranger').issue('stranger')

/** What a PING is answered over a connection of its own, null when the server ends that. */
async function ping(port: number, options: ConnectionOptions = {}): Promise<Reply> {
  return over(openTls(port, { ...tlsClient(), ...options }))
}

async function over(socket: Socket): Promise<Reply> {
  try {
    const connection = new Connection(await whenOpen(socket))
    const reply = await connection.send('ping')
    await connection.close()
    return reply
  } catch {
    return null
  }
}

/** The name in the certificate that the server shows. */
async function shownName(port: number): Promise<string | undefined> {
  const socket = await whenOpen(openTls(port, tlsClient()))
  assert.ok(socket instanceof TLSSocket)
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

function fieldOf(line: Reply, name: string): string | undefined {
  return new RegExp(`\\b${name}=(\\S*)`).exec(String(line))?.[1]
}

async function info(call: Call, name: string): Promise<string | undefined> {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(String(await call('info')))?.[1]
}

onEachServer(
  'the TLS port',
  ({ it }) => {
    it('is the only one, and shown as such', async (call, _connection, { port }) => {
      assert.equal(await info(call, 'tcp_port'), String(port))
      assert.match((await info(call, 'listener2')) ?? '', new RegExp(`^name=tls,.*port=${port}$`))
      assert.deepEqual(await call('config', 'get', 'port', 'tls-port'), [
        'port',
        '0',
        'tls-port',
        String(port),
      ])
    })

    it("clients have their own addresses, not the server's inner ones", async (_call, _connection, server) => {
      const socket = await whenOpen(server.open())
      const connection = new Connection(socket)
      const line = await connection.send('client', 'info')
      assert.equal(fieldOf(line, 'addr'), `127.0.0.1:${socket.localPort}`)
      assert.equal(fieldOf(line, 'laddr'), `127.0.0.1:${server.port}`)
      assert.equal(fieldOf(line, 'flags'), 'N')
      await connection.close()
    })

    it('clients are found by their addresses, and killed', async (call, _connection, server) => {
      const socket = await whenOpen(server.open())
      const connection = new Connection(socket)
      assert.equal(await connection.send('ping'), 'PONG')
      const ended = new Promise((resolve) => socket.once('close', resolve))
      assert.equal(await call('client', 'kill', 'addr', `127.0.0.1:${socket.localPort}`), 1)
      await ended
    })

    it('plain text is no TLS', async (call, _connection, { port }) => {
      assert.equal(await over(PLAIN.open(port)), null)
      assert.equal(await call('ping'), 'PONG')
    })

    it('asks for certificates', async (call, _connection, { port }) => {
      const expired = tlsParties().authority.issue('late', { days: -1 })
      for (const [wanted, nobody, stranger] of [
        ['yes', null, null],
        ['optional', 'PONG', null],
        ['no', 'PONG', 'PONG'],
      ]) {
        assert.equal(await call('config', 'set', 'tls-auth-clients', wanted!), 'OK')
        assert.equal(await ping(port), 'PONG')
        assert.equal(await ping(port, NOBODY), nobody)
        assert.equal(await ping(port, STRANGER), stranger)
        assert.equal(await ping(port, expired), stranger)
      }
      assert.equal(await call('config', 'set', 'tls-auth-clients', 'yes'), 'OK')
      assert.equal(await ping(port, NOBODY), null)
    })

    it('shows another certificate when it has another', async (call, _connection, { port, dir }) => {
      const { authority } = tlsParties()
      assert.equal(await shownName(port), 'localhost')
      writeIdentity(dir, 'second', authority.issue('second'))
      const second = ['tls-cert-file', 'second.crt', 'tls-key-file', 'second.key']
      assert.equal(await call('config', 'set', ...second), 'OK')
      assert.equal(await shownName(port), 'second')
      assert.equal(await call('ping'), 'PONG')
      writeIdentity(dir, 'second', authority.issue('renewed'))
      assert.equal(await call('config', 'set', ...second), 'OK')
      assert.equal(await shownName(port), 'renewed', 'the same name may stand for another file')
      writeIdentity(dir, 'locked', authority.issue('locked', { password: 'open sesame' }))
      const locked = ['tls-cert-file', 'locked.crt', 'tls-key-file', 'locked.key']
      assert.deepEqual(await call('config', 'set', ...locked), { error: NO_TLS })
      assert.equal(await call('config', 'set', ...locked, 'tls-key-file-pass', 'open sesame'), 'OK')
      assert.equal(await shownName(port), 'locked')
      const first = ['tls-cert-file', 'server.crt', 'tls-key-file', 'server.key', 'tls-key-file-pass', '']
      assert.equal(await call('config', 'set', ...first), 'OK')
      assert.equal(await shownName(port), 'localhost')
    })

    it('goes on as before when the new configuration does not do', async (call, _connection, { port }) => {
      for (const [name, value] of [
        ['tls-cert-file', 'nowhere.crt'],
        ['tls-cert-file', 'client.crt'],
        ['tls-key-file', ''],
        ['tls-ca-cert-file', ''],
        ['tls-protocols', 'SSLv3'],
        ['tls-ciphers', 'NONE'],
        ['tls-ciphersuites', 'NONE'],
        ['tls-dh-params-file', 'server.crt'],
      ] as const) {
        const before = await call('config', 'get', name)
        assert.deepEqual(await call('config', 'set', name, value), {
          error: NO_TLS.replace('tls-cert-file', name),
        })
        assert.deepEqual(await call('config', 'get', name), before)
        assert.equal(await ping(port), 'PONG')
      }
    })

    it('speaks the protocols and ciphers it is told to', async (call, _connection, { port }) => {
      const spoken = async (options: ConnectionOptions) => {
        try {
          const socket = await whenOpen(openTls(port, { ...tlsClient(), ...options }))
          assert.ok(socket instanceof TLSSocket)
          const spoken = `${socket.getProtocol()} ${socket.getCipher().name}`
          socket.destroy()
          return spoken
        } catch {
          return undefined
        }
      }
      const set = async (...words: string[]) => assert.equal(await call('config', 'set', ...words), 'OK')
      assert.match((await spoken({})) ?? '', /^TLSv1.3 /)
      assert.equal(await spoken({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }), undefined)
      await set('tls-protocols', 'TLSv1.2')
      assert.match((await spoken({})) ?? '', /^TLSv1.2 /)
      assert.equal(await spoken({ minVersion: 'TLSv1.3' }), undefined)
      await set('tls-ciphers', 'ECDHE-ECDSA-AES128-GCM-SHA256')
      assert.equal(await spoken({}), 'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256')
      assert.equal(await spoken({ ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }), undefined)
      const ours = 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256'
      const theirs = { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384' }
      await set('tls-ciphers', ours)
      assert.equal(await spoken(theirs), 'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256')
      await set('tls-prefer-server-ciphers', 'yes')
      assert.equal(await spoken(theirs), 'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384')
      await set('tls-protocols', 'TLSv1.3', 'tls-ciphersuites', 'TLS_AES_128_GCM_SHA256')
      assert.equal(await spoken({}), 'TLSv1.3 TLS_AES_128_GCM_SHA256')
      await set('tls-protocols', '', 'tls-ciphers', '', 'tls-ciphersuites', '')
      await set('tls-prefer-server-ciphers', 'no')
    })

    it('trusts the authorities of a folder', async (call, _connection, { port, dir }) => {
      const other = new Authority('Another Authority')
      await mkdir(join(dir, 'authorities'))
      await writeFile(join(dir, 'authorities', other.fileName), other.cert)
      const known = other.issue('known')
      assert.equal(await ping(port, known), null)
      assert.equal(await call('config', 'set', 'tls-ca-cert-dir', 'authorities'), 'OK')
      assert.equal(await ping(port, known), 'PONG')
      assert.equal(await ping(port), 'PONG')
      assert.equal(await call('config', 'set', 'tls-ca-cert-dir', ''), 'OK')
      assert.equal(await ping(port, known), null)
    })

    it('moves to another port, and a plain one opens beside it', async (call, _connection, { port }) => {
      const [plain, secure] = [await freePort(), await freePort()]
      assert.equal(await call('config', 'set', 'port', String(plain)), 'OK')
      assert.equal(await over(PLAIN.open(plain)), 'PONG')
      assert.equal(await info(call, 'tcp_port'), String(plain))
      assert.equal(await call('config', 'set', 'tls-port', String(secure)), 'OK')
      assert.equal(await ping(secure), 'PONG')
      assert.equal(await ping(port), null)
      assert.equal(await call('config', 'set', 'tls-port', '0'), 'OK')
      assert.equal(await ping(secure), null)
      assert.equal(await call('ping'), 'PONG', 'who is connected stays')
      assert.deepEqual(await call('config', 'set', 'tls-port', String(plain)), { error: NO_PORT })
    })
  },
  [],
  TLS,
)

onEachServer(
  'a server without TLS',
  ({ it }) => {
    it('gets a TLS port once it has certificates', async (call, _connection, { dir }) => {
      const port = String(await freePort())
      const refused = {
        error:
          "ERR CONFIG SET failed (possibly related to argument 'tls-port') - Unable to update TLS configuration. Check server logs.",
      }
      assert.deepEqual(await call('config', 'set', 'tls-port', port), refused)
      assert.equal(await call('config', 'set', 'tls-cert-file', 'server.crt'), 'OK')
      assert.deepEqual(await call('config', 'set', 'tls-port', port), refused)
      TLS.options(0, dir)
      const files = ['tls-key-file', 'server.key', 'tls-ca-cert-file', 'ca.crt']
      assert.equal(await call('config', 'set', 'tls-port', port, ...files), 'OK')
      assert.equal(await ping(Number(port)), 'PONG')
    })
  },
  [],
  PLAIN,
  noTlsOracle(),
)
