/**
 * The page in a browser: what is seen of a script that does not end, and the button that ends it.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Browser, noChromium } from '../support/chromium.ts'
import { kill, type Started, seen, shutDown, start } from '../support/watched-server.ts'

const SCRIPTS = 500
const WRITES_FOR_EVER = "redis.call('set', 'a', 'b') while true do end"

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
    await browser.until("document.querySelector('tr.running a')?.innerText === 'forever'")
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
    await browser.until("document.querySelector('tr.running') === null")
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
