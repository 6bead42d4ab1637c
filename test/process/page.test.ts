/**
 * The page in a browser: what is seen of a script that does not end, and the button that ends it.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Browser, noChromium } from '../support/chromium.ts'
import { type Connection, connect, freePort, type RunningServer, startPerilune } from '../support/server.ts'
import { until } from '../support/until.ts'

const START_MS = 20_000
const SCRIPTS = 500

const WRITES_FOR_EVER = "redis.call('set', 'a', 'b') while true do end"

interface Started {
  readonly server: RunningServer
  readonly connection: Connection
  readonly port: number
}

async function start(...args: string[]): Promise<Started> {
  const port = await freePort()
  const server = await startPerilune(['--metrics-port', String(port), ...args])
  await until(() => server.output().includes('Metrics at '), server.output)
  return { server, connection: await connect(server.port), port }
}

/** Ends a server that is busy. */
async function shutDown(server: RunningServer): Promise<void> {
  const connection = await connect(server.port)
  await connection.send('shutdown', 'nosave').catch(() => {})
  await server.exited
}

interface Running {
  readonly run: number
  readonly name: string
  readonly wrote: boolean
  readonly caller: { readonly client: string } | null
}

/** An event of the stream. */
interface Told {
  readonly running?: Running | null
  readonly engine?: { readonly running: Running | null }
}

/** The events of the stream until a script is seen to run. */
async function seen(port: number): Promise<Running> {
  const response = await fetch(`http://127.0.0.1:${port}/stream`)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let text = ''; ; ) {
      text += (await reader.read()).value
      for (const [, data] of text.matchAll(/^data: (.*)\n/gm)) {
        const { engine, running = engine?.running } = JSON.parse(data!) as Told
        if (running) return running
      }
    }
  } finally {
    await reader.cancel()
  }
}

async function kill(port: number, run: number): Promise<{ status: number; outcome: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/kill`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-perilune-action': 'kill' },
    body: JSON.stringify({ run }),
  })
  return { status: response.status, ...((await response.json()) as { outcome: string }) }
}

/** The log comes through a pipe, and the address of a kill by a message: both after the replies. */
async function logged(server: RunningServer, line: RegExp): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!line.test(server.output())) {
    assert.ok(Date.now() < deadline, `no ${line} in ${server.output()}`)
    await pause(10)
  }
}

describe('a script is ended from the metrics thread', () => {
  for (const [title, threshold] of [
    ['before it is late', '60000'],
    ['when it is late', '100'],
    ['where no script is ever late', '0'],
  ] as const) {
    test(title, async () => {
      const { server, connection, port } = await start('--busy-reply-threshold', threshold)
      try {
        for (const source of [
          'while true do end',
          'while true do pcall(function() while true do end end) end',
        ]) {
          const ended = connection.send('eval', source, '0')
          const { run, wrote } = await seen(port)
          assert.equal(wrote, false)
          assert.deepEqual(await kill(port, run + 2), { status: 409, outcome: 'over' })
          assert.deepEqual(await kill(port, run), { status: 200, outcome: 'ended' })
          assert.match(JSON.stringify(await ended), /Script killed by user with SCRIPT KILL/)
          assert.deepEqual(await kill(port, run), { status: 409, outcome: 'over' })
          assert.equal(String(await connection.send('eval', 'return 1', '0')), '1')
          await logged(server, /Script killed by user through the metrics page\./)
          await logged(server, /The end of script [0-9a-f]{40} was asked for .* from 127\.0\.0\.1\./)
          assert.doesNotMatch(server.output(), /with SCRIPT KILL/)
        }
      } finally {
        await connection.close()
        await server.stop()
      }
    })
  }

  test('but not when it has written', async () => {
    const { server, connection, port } = await start('--busy-reply-threshold', '100')
    try {
      const ended = connection.send('eval', WRITES_FOR_EVER, '0').catch(() => 'closed')
      const { run, wrote } = await seen(port)
      assert.equal(wrote, true)
      assert.deepEqual(await kill(port, run), { status: 409, outcome: 'unkillable' })
      await shutDown(server)
      assert.equal(await ended, 'closed')
    } finally {
      await connection.close()
      await server.stop()
    }
  })
})

interface Scripts {
  readonly running: {
    readonly run: number
    readonly caller: Record<'client' | 'clientName' | 'user' | 'args', unknown> | null
  } | null
}

describe('a script that goes on', () => {
  for (const threshold of ['60000', '50', '0']) {
    test(`says who runs it, with busy-reply-threshold ${threshold}`, async () => {
      const { server, connection, port } = await start('--busy-reply-threshold', threshold)
      const get = async <T>(path: string) =>
        (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as T
      try {
        await connection.send('acl', 'setuser', 'app', 'on', 'nopass', '+@all', '~*')
        await connection.send('auth', 'app', '')
        await connection.send('client', 'setname', 'worker')
        const { address } = /addr=(?<address>\S+)/.exec(String(await connection.send('client', 'info')))!
          .groups!
        const other = await connect(server.port)
        await other.send('ping')
        const source = '-- name: größe\nwhile true do end'
        const sent = Buffer.from(source).toString('latin1')
        const ended = connection.send('eval', sent, '1', 'key', 'x'.repeat(200)).catch(() => 'closed')
        let running: Scripts['running'] = null
        const deadline = Date.now() + START_MS
        while (!running?.caller && Date.now() < deadline) running = (await get<Scripts>('/scripts')).running
        const args = ['eval', source, '1', 'key', `${'x'.repeat(128)}... (72 more bytes)`]
        assert.deepEqual(running!.caller, { client: address, clientName: 'worker', user: 'app', args })
        const { caller, ...rest } = await seen(port)
        assert.equal(caller?.client, address)
        const health = (await get<{ running_script: object }>('/healthz')).running_script
        assert.deepEqual([(health as Running).run, 'caller' in health], [rest.run, false])
        // Others are answered BUSY long before the engine would count as silent.
        if (threshold === '50') {
          assert.equal((await fetch(`http://127.0.0.1:${port}/healthz?ready`)).status, 503)
        }
        // However soon it began, the figures are from after that.
        assert.match(
          await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
          /^redis_connected_clients 2$/m,
        )
        assert.deepEqual(await kill(port, running!.run), { status: 200, outcome: 'ended' })
        await ended
        await other.close()
        const line = new RegExp(
          `Script name is: \\w{40}\\. Its author calls it gr\\S+e\\. It was called by addr=${address} name=worker user=app\\.`,
        )
        if (threshold === '50') await logged(server, line)
      } finally {
        await connection.close()
        await server.stop()
      }
    })
  }
})

describe('the page in a browser', { skip: noChromium }, () => {
  let started: Started
  let browser: Browser

  before(async () => {
    started = await start('--busy-reply-threshold', '300', '--slowlog-log-slower-than', '0')
    browser = await Browser.launch()
    await browser.emulate(1280, 800, 'light')
  })
  after(async () => {
    await browser?.close()
    await started?.connection.close()
    await started?.server.stop()
  })

  const address = () => `http://localhost:${started.port}/`
  const text = (selector: string) =>
    browser.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`)

  test('shows scripts, and one of them with its source and its slow runs', async () => {
    const { connection } = started
    const [value, key] = ['<b>größe</b>', 'größe'].map((word) => Buffer.from(word).toString('latin1'))
    const script = "-- name: hello\nredis.call('get', ARGV[2]) return redis.call('set', KEYS[1], ARGV[1])"
    await connection.send('client', 'setname', 'worker-1')
    await connection.send('eval', script, '1', 'k', value!, key!)
    await browser.open(address())
    await browser.until("document.querySelector('#connection').dataset.state === 'live'")
    await browser.until("document.querySelector('tbody a')?.innerText === 'hello'")
    await browser.evaluate("document.querySelector('tbody a').focus()")
    await browser.press('Enter', 13)
    await browser.until("document.querySelector('#detail').open")
    assert.match(await text('.source'), /-- name: hello\s+redis\.call/)
    await browser.until("document.querySelector('.slow li') !== null")
    assert.match(
      await text('.slow li'),
      /127\.0\.0\.1:\d+, worker-1, user default\s+eval .*\s+.*<b>größe<\/b>/,
    )
    assert.equal(await text('.undeclared'), 'The last keys not declared: größe')
    assert.equal(await browser.evaluate("document.querySelectorAll('.slow b').length"), 0)
    await browser.press('Escape', 27)
    await browser.until("!document.querySelector('#detail').open && location.hash === ''")
  })

  test('shows the script that does not end, and ends it', async () => {
    const ended = started.connection.send('eval', '-- name: forever\nwhile true do end', '0')
    await browser.until("document.querySelector('#now').dataset.state === 'running'")
    assert.match(await text('#now .what'), /^forever is running/)
    await browser.until("document.querySelector('#now .caller').innerText !== ''")
    assert.match(
      await text('#now .caller'),
      /^127\.0\.0\.1:\d+, worker-1, user default: eval -- name: forever\s+while true do end 0$/,
    )
    await browser.evaluate("document.querySelector('#now .link').click()")
    await browser.until("document.querySelector('#detail').open")
    assert.match(await text('#detail .chart .note'), /^It runs for the first time/)
    await browser.press('Escape', 27)
    await browser.until("parseFloat(document.querySelector('#now .elapsed').innerText) >= 0.5")
    assert.match(
      await (await fetch(`${address()}metrics`)).text(),
      /perilune_script_running_seconds\{.*"forever"\}/,
    )
    await browser.until("document.querySelector('#age').innerText.includes('s ago')")
    const { run } = await seen(started.port)
    const isAsked = "document.querySelector('#confirm').open"
    const ask = async () => {
      await browser.evaluate("document.querySelector('#now .kill').focus()")
      await browser.press('Enter', 13)
      await browser.until(isAsked)
    }
    await ask()
    assert.equal(await text('#confirm-title'), 'Kill forever?')
    assert.match(
      await text('#confirm-facts'),
      new RegExp(
        `^Script\\s+[0-9a-f]{12}\\s+Run number\\s+${run}\\s+Running for\\s+\\d+\\.\\d s\\s+Called by\\s+127\\.0`,
      ),
    )
    assert.match(await text('#confirm-text'), /^It has written nothing so far/)
    // Neither Escape nor Enter by itself kills.
    await browser.press('Escape', 27)
    await browser.until(`!${isAsked}`)
    await ask()
    await browser.press('Enter', 13)
    await browser.until(`!${isAsked}`)
    assert.equal((await seen(started.port)).run, run)
    // Who asks again at once is heard, too.
    const kill = "document.querySelector('#now .kill').click()"
    await browser.evaluate(`${kill}, document.querySelector('#confirm-no').click(), ${kill}`)
    await browser.press('Tab', 9)
    await browser.press('Enter', 13)
    assert.match(JSON.stringify(await ended), /Script killed by user/)
    await browser.until("document.querySelector('#message').innerText === 'forever ended.'")
    await browser.until("document.querySelector('#now').dataset.state === 'idle'")
    await browser.until("document.querySelector('#age').hidden")
  })

  test('has nothing to kill when the script has ended meanwhile', async () => {
    const ended = started.connection.send(
      'eval',
      `-- name: passing${'g'.repeat(200)}\nwhile true do end`,
      '0',
    )
    await browser.until("document.querySelector('#now .what').innerText.startsWith('passing')")
    await browser.emulate(390, 800, 'light')
    await browser.evaluate("document.querySelector('#now .kill').click()")
    assert.ok(await browser.evaluate('document.documentElement.scrollWidth <= 390'))
    await browser.emulate(1280, 800, 'light')
    await browser.evaluate("document.querySelector('#confirm-yes').focus()")
    const { run } = await seen(started.port)
    assert.deepEqual(await kill(started.port, run), { status: 200, outcome: 'ended' })
    assert.match(JSON.stringify(await ended), /Script killed by user/)
    await browser.until(
      "document.querySelector('#confirm-text').innerText.startsWith('It has ended by itself')",
    )
    assert.equal(await browser.evaluate("document.querySelector('#confirm-yes').disabled"), true)
    assert.equal(await browser.evaluate('document.activeElement.id'), 'confirm-no')
    await browser.press('Enter', 13)
    await browser.until("!document.querySelector('#confirm').open")
  })

  test('is there at once with many scripts, and in a narrow window', async () => {
    const some = Array.from({ length: SCRIPTS }, (_, i) => ['eval', `return ${i}`, '0'])
    await started.connection.pipeline(some)
    await browser.emulate(390, 800, 'dark')
    await browser.open(address())
    await browser.until("!document.querySelector('#more').hidden")
    assert.match(await text('#more'), /^Show all 50\d$/)
    assert.ok((await browser.evaluate<number>("document.querySelectorAll('tbody tr').length")) <= 101)
    await browser.evaluate("document.querySelector('#more').click()")
    await browser.until(`document.querySelectorAll('tbody tr').length >= ${SCRIPTS}`)
    assert.equal(await browser.evaluate("document.querySelector('#more').hidden"), true)
    assert.ok(await browser.evaluate('document.documentElement.scrollWidth <= 390'))
    await browser.evaluate(
      "document.querySelector('#filter').value = 'no such', document.querySelector('#filter').dispatchEvent(new Event('input'))",
    )
    assert.equal(await text('#empty'), 'No script has this in its name or SHA.')
    const requests = await browser.evaluate<string[]>(
      "performance.getEntriesByType('resource').map((entry) => entry.name)",
    )
    for (const url of requests) assert.ok(url.startsWith(address()), url)
  })

  test('had nothing to complain about', () => {
    assert.deepEqual(browser.complaints, [])
  })

  test('says beforehand that a script cannot be ended', async () => {
    await started.connection.send('eval', 'return 1', '0')
    const ended = started.connection.send('eval', WRITES_FOR_EVER, '0').catch(() => 'closed')
    await browser.until("document.querySelector('#now .note').innerText.startsWith('UNKILLABLE')")
    assert.equal(await browser.evaluate("document.querySelector('.kill').disabled"), true)
    await shutDown(started.server)
    assert.equal(await ended, 'closed')
    await browser.until("document.querySelector('#connection').dataset.state === 'lost'")
  })
})

describe('the page of a server with a token', { skip: noChromium }, () => {
  test('asks for it', async () => {
    const { server, connection, port } = await start('--metrics-token', 'not-to-be-guessed')
    const browser = await Browser.launch()
    const enter = async (token: string) => {
      await browser.until("document.querySelector('#token').open")
      await browser.evaluate(
        `document.querySelector('#token-value').value = '${token}', document.querySelector('#token form').requestSubmit()`,
      )
    }
    try {
      await browser.open(`http://localhost:${port}/`)
      await enter('wrong')
      await browser.until("document.querySelector('#token-problem').innerText !== ''")
      await enter('not-to-be-guessed')
      await browser.until("document.querySelector('#connection').dataset.state === 'live'")
      assert.equal(await browser.evaluate("document.querySelector('#token').open"), false)
    } finally {
      await browser.close()
      await connection.close()
      await server.stop()
    }
  })

  test('takes it from the address, and goes on when something fails', async () => {
    const { server, connection, port } = await start('--metrics-token', '50%-of-all-tokens')
    const browser = await Browser.launch()
    try {
      await browser.open(`http://localhost:${port}/#token=50%-of-all-tokens`)
      await browser.until("document.querySelector('#connection').dataset.state === 'live'")
      assert.equal(await browser.evaluate('location.hash'), '')
      await browser.evaluate("location.hash = '#script=%'")
      await browser.until("document.querySelector('#detail .id')?.innerText.startsWith('It has no figures')")
      await browser.evaluate("document.querySelector('#about').remove()")
      await browser.until("document.querySelector('#connection').innerText.startsWith('This page failed')")
      assert.ok(browser.complaints.some((complaint) => complaint.includes('no element about')))
    } finally {
      await browser.close()
      await connection.close()
      await server.stop()
    }
  })
})
