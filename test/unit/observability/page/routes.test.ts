/**
 * The page over HTTP, and what a stranger gets.
 */
import assert from 'node:assert/strict'
import { type IncomingHttpHeaders, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { newControlBlock, SEQUENCE } from '../../../../src/control-block.ts'
import { ScriptLedger } from '../../../../src/counting/scripts/ledger.ts'
import { CALLS, KIND_SCRIPT } from '../../../../src/counting/scripts/record.ts'
import { BODY_MAX } from '../../../../src/observability/http/guard.ts'
import { MetricsThread } from '../../../../src/observability/http/metrics-thread.ts'
import { tokenHash } from '../../../../src/observability/http/token.ts'
import { STREAMS_MAX } from '../../../../src/observability/page/stream.ts'
import { typescriptWorker } from '../../../support/typescript-worker.ts'
import { sampleSource } from '../fields/source.ts'

const ENTRY = typescriptWorker(new URL('../../../../src/observability/http/worker.ts', import.meta.url))

function newLedger(): ScriptLedger {
  return new ScriptLedger({ 'script-metrics-max-labels': 50, 'metrics-port': 1 })
}

function start(host: string, token: string, ledger = newLedger()): Promise<MetricsThread> {
  const control = newControlBlock()
  control[SEQUENCE] = 7
  return MetricsThread.start(sampleSource(), ledger, {
    entry: ENTRY,
    host,
    port: 0,
    control,
    tokenHash: tokenHash(token),
    log: { notice() {}, warning() {} },
  })
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

type Options = { method?: string; headers?: Record<string, string>; body?: string }

/** Sends what no browser would: any Host, any Origin. */
function ask(server: MetricsThread, path: string, { method = 'GET', headers = {}, body }: Options = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, method, headers, agent: false }
    const sent = request(options, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const KILL = { 'content-type': 'application/json', 'x-perilune-action': 'kill' }
const PRIVATE = ['/stream', '/scripts', '/scripts/other', '/scripts/other/trail', '/nothing']
const PUBLIC = ['/', '/page/icon.svg', '/metrics', '/healthz']

describe('on this machine', () => {
  let server: MetricsThread

  before(async () => {
    server = await start('127.0.0.1', '')
  })
  after(() => server.stop())

  const kill = (headers: Record<string, string>, body = '{"run":1}') =>
    ask(server, '/kill', { method: 'POST', headers, body })

  test('serves the page and what it is made of, with a strict policy', async () => {
    for (const path of PUBLIC) {
      const { status, headers } = await ask(server, path)
      assert.equal(status, 200, path)
      const policy = headers['content-security-policy']!
      assert.match(String(policy), /default-src 'none'.*frame-ancestors 'none'/)
      assert.ok(!/unsafe|\*|data:/.test(String(policy)))
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.equal(headers['access-control-allow-origin'], undefined)
    }
    const page = await ask(server, '/')
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.ok(!/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?:\/\//.test(page.body))
    const again = await ask(server, '/', { headers: { 'if-none-match': String(page.headers.etag) } })
    assert.deepEqual([again.status, again.body], [304, ''])
  })

  test('serves no other files', async () => {
    for (const path of [
      '/page/page.ts',
      '/page/..%2fversion.ts',
      '/page/../version.ts',
      '/page/',
      '/page/tsconfig.json',
    ]) {
      assert.equal((await ask(server, path)).status, 404, path)
    }
  })

  test('tells nothing to names that were made to point here', async () => {
    for (const path of PRIVATE) {
      assert.equal(
        (await ask(server, path, { headers: { host: `evil.example:${server.port}` } })).status,
        403,
        path,
      )
    }
    assert.equal((await kill({ ...KILL, host: 'evil.example' })).status, 403)
    assert.equal((await ask(server, '/metrics', { headers: { host: 'perilune:9121' } })).status, 200)
  })

  test('tells nothing to the pages of others', async () => {
    for (const path of PRIVATE) {
      for (const header of [
        { 'sec-fetch-site': 'cross-site' },
        { origin: 'http://evil.example' },
        { origin: 'null' },
      ]) {
        assert.equal((await ask(server, path, { headers: header })).status, 403, path)
      }
    }
  })

  test('does not kill for the pages of others', async () => {
    assert.equal((await kill({ ...KILL, origin: 'https://evil.example' })).status, 403)
    assert.equal((await kill({ ...KILL, origin: 'null' })).status, 403)
    assert.equal((await kill({ ...KILL, 'sec-fetch-site': 'same-site' })).status, 403)
    assert.equal((await kill({ 'content-type': 'application/json' })).status, 403)
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
    ]) {
      assert.equal((await kill({ 'content-type': type }, 'run=1')).status, 403, type)
      assert.equal((await kill({ ...KILL, 'content-type': type })).status, 415, type)
    }
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const answer = await ask(server, '/kill', { method: 'OPTIONS', headers: preflight })
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
    assert.notEqual(answer.status, 200)
  })

  test('takes no other requests for a kill', async () => {
    for (const body of ['', '{}', '{"run":"x"}', '{"run":1,"more":2}', '[1]', '{"run":1.5}', '{']) {
      assert.equal((await kill(KILL, body)).status, 400, body)
    }
    assert.equal((await kill(KILL, `{"run":1${' '.repeat(BODY_MAX)}}`)).status, 413)
    assert.equal((await ask(server, '/kill', { headers: KILL })).status, 404)
  })

  test('kills no run but the one that was meant', async () => {
    for (const run of [5, 6, 9, -1, 0]) {
      const { status, body } = await kill(KILL, JSON.stringify({ run }))
      assert.deepEqual([status, body], [409, '{"outcome":"over"}'], String(run))
    }
  })

  test('opens so many streams and no more', async () => {
    const responses = await Promise.all(
      Array.from({ length: STREAMS_MAX }, () => fetch(`http://127.0.0.1:${server.port}/stream`)),
    )
    assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]))
    assert.equal((await ask(server, '/stream')).status, 503)
    await responses[0]!.body!.cancel()
    let status = 503
    for (let i = 0; i < 100 && status === 503; i++) {
      await pause(20)
      const next = await fetch(`http://127.0.0.1:${server.port}/stream`)
      status = next.status
      if (status === 200) responses.push(next)
    }
    assert.equal(status, 200)
    for (const { body, bodyUsed } of responses) if (!bodyUsed) await body!.cancel()
  })

  test('streams what there is', async () => {
    const response = await fetch(`http://localhost:${server.port}/stream`)
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    assert.match(response.headers.get('content-security-policy')!, /default-src 'none'/)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('event: moment')) text += (await reader.read()).value
    await reader.cancel()
    const start = JSON.parse(/^event: start\ndata: (.*)$/m.exec(text)![1]!) as Record<string, unknown>
    assert.deepEqual(start.scripts, [])
    assert.deepEqual((start.engine as { running: unknown }).running, null)
  })
})

test('finds scripts and their trails by long ids, by the first digits of a SHA, and by name', async () => {
  const ledger = newLedger()
  const sha = 'ab'.repeat(20)
  const long = `${'library'.repeat(8)}.${'function'.repeat(8)}`
  const ids = [
    { id: sha, name: 'größe' },
    { id: long, name: '' },
  ].map((one) => ({ ...one, kind: KIND_SCRIPT, text: Buffer.from('return 1') }))
  const records = ids.map((one) => ledger.open({ record: null }, one))
  const server = await start('127.0.0.1', '', ledger)
  try {
    for (const id of [sha, sha.slice(0, 12).toUpperCase(), long, encodeURIComponent('größe')]) {
      assert.equal((await ask(server, `/scripts/${id}`)).status, 200, id)
      // There from the first moment on in which it has run.
      for (;;) {
        const { status } = await ask(server, `/scripts/${id}/trail`)
        if (status === 200) break
        assert.equal(status, 204)
        for (const record of records) record[CALLS]!++
        await pause(100)
      }
    }
  } finally {
    await server.stop()
  }
})

describe('for other machines', () => {
  test('shows figures alone without a token', async () => {
    const server = await start('0.0.0.0', '')
    try {
      for (const path of PRIVATE) assert.equal((await ask(server, path)).status, 403, path)
      assert.equal(
        (await ask(server, '/kill', { method: 'POST', headers: KILL, body: '{"run":7}' })).status,
        403,
      )
      assert.equal((await ask(server, '/metrics')).status, 200)
      assert.equal((await ask(server, '/')).status, 200)
    } finally {
      await server.stop()
    }
  })

  test('shows the rest to who has the token', async () => {
    const server = await start('0.0.0.0', 'not to be guessed')
    const post = { method: 'POST', body: '{"run":5}' }
    try {
      for (const path of PRIVATE) {
        const { status, headers } = await ask(server, path)
        assert.deepEqual([status, headers['www-authenticate']], [401, 'Bearer realm="perilune"'], path)
        assert.equal(
          (await ask(server, path, { headers: { authorization: 'Bearer Not to be guessed' } })).status,
          401,
        )
        const { status: inAddress } = await ask(server, `${path}?token=not%20to%20be%20guessed`)
        assert.equal(inAddress, 401)
      }
      assert.equal((await ask(server, '/kill', { ...post, headers: KILL })).status, 401)
      const authorization = 'Bearer not to be guessed'
      assert.equal((await ask(server, '/scripts', { headers: { authorization } })).status, 200)
      assert.equal((await ask(server, '/kill', { ...post, headers: { ...KILL, authorization } })).status, 409)
      const foreign = { ...KILL, authorization, origin: 'https://evil.example' }
      assert.equal((await ask(server, '/kill', { ...post, headers: foreign })).status, 403)
    } finally {
      await server.stop()
    }
  })
})
