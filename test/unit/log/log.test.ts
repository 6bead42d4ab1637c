import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Log, type LogSettings } from '../../../src/log.ts'

function make(settings: Partial<LogSettings> = {}): { log: Log; lines: string[] } {
  const lines: string[] = []
  const log = new Log((text) => lines.push(text), 42)
  log.settings = { ...log.settings, ...settings }
  return { log, lines }
}

test('lines have process, role, time, level and text', () => {
  const { log, lines } = make({ loglevel: 'debug' })
  log.debug('a')
  log.verbose('b')
  log.notice('c')
  log.warning('d')
  const form = /^42:M \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}\.\d{3} ([.*#-]) ([a-d])\n$/
  assert.deepEqual(
    lines.map((line) => form.exec(line)?.slice(1).join('')),
    ['.a', '-b', '*c', '#d'],
  )
})

test('the level decides what is written', () => {
  for (const [loglevel, count] of [
    ['debug', 4],
    ['verbose', 3],
    ['notice', 2],
    ['warning', 1],
    ['nothing', 0],
  ] as const) {
    const { log, lines } = make({ loglevel })
    log.debug('')
    log.verbose('')
    log.notice('')
    log.warning('')
    assert.equal(lines.length, count, loglevel)
  }
})

test('logfmt keeps a message in its quotes', () => {
  const { log, lines } = make({ 'log-format': 'logfmt', 'log-timestamp-format': 'milliseconds' })
  log.warning('say "x"\nand y')
  assert.match(lines[0]!, /^pid=42 role=primary timestamp="\d{13}" level=warning message="say 'x' and y"\n$/)
})

test('ISO 8601 times name the same moment', () => {
  const { log, lines } = make({ 'log-timestamp-format': 'iso8601' })
  const before = Date.now()
  log.warning('x')
  const time = Date.parse(/M (\S+) # x/.exec(lines[0]!)![1]!)
  assert.ok(time >= before && time <= Date.now())
})
