/**
 * The lines MONITOR shows.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Clock } from '../../../src/engine/clock.ts'
import { Monitor, quoted } from '../../../src/engine/monitor.ts'
import { Args } from '../../../src/memory/args.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { FakeTransport, newClient } from './support.ts'

function lineOf(origin: FakeTransport, inScript: boolean, ...words: (string | Buffer)[]): string {
  const monitor = new Monitor(new Clock())
  const watcher = newClient()
  monitor.add(watcher.client)
  monitor.feed(newClient(origin).client, 9, Args.from(...words), inScript)
  return watcher.transport.sent
}

test('time, database, origin and quoted arguments', () => {
  const line = lineOf(new FakeTransport('10.0.0.1:55'), false, 'set', 'a b', '')
  assert.match(line, /^\+\d{10}\.\d{6} \[9 10\.0\.0\.1:55\] "set" "a b" ""\r\n$/)
})

test('scripts and unix sockets are named as such', () => {
  assert.match(lineOf(new FakeTransport(), true, 'get', 'k'), / \[9 lua\] "get" "k"\r\n$/)
  assert.match(
    lineOf(new FakeTransport('/tmp/x.sock:0', true), false, 'get'),
    / \[9 unix:\/tmp\/x\.sock\] "get"/,
  )
})

test('what is not printable is escaped', () => {
  assert.equal(
    quoted(Bytes.from('\x07\b\t\n\r"\\\0\x7f\xff~', 'latin1')),
    '"\\a\\b\\t\\n\\r\\"\\\\\\x00\\x7f\\xff~"',
  )
})

test('a client that stopped watching sees nothing', () => {
  const monitor = new Monitor(new Clock())
  const { client, transport } = newClient()
  monitor.add(client)
  assert.ok(monitor.active && client.isMonitor)
  monitor.remove(client)
  monitor.feed(client, 0, Args.from('ping'), false)
  assert.equal(transport.sent, '')
  assert.ok(!monitor.active && !client.isMonitor)
})
