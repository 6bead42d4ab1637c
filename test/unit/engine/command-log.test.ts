/**
 * What the logs of commands keep.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandLogs } from '../../../src/engine/command-log.ts'
import { Args } from '../../../src/memory/args.ts'
import { newClient } from './support.ts'

function newSlowlog(length = 128) {
  const settings = {
    'commandlog-execution-slower-than': 10000,
    'commandlog-slow-execution-max-len': length,
    'commandlog-request-larger-than': 0,
    'commandlog-large-request-max-len': 1,
    'commandlog-reply-larger-than': -1,
    'commandlog-large-reply-max-len': 128,
  }
  const logs = new CommandLogs(settings)
  return { settings, logs, slowlog: logs.slow }
}

const { client } = newClient()

function shown(...words: string[]): string[] {
  const { slowlog } = newSlowlog()
  slowlog.add(Args.from(...words), 1, client)
  return slowlog.newest(1)[0]!.args.map((arg) => arg.latin1())
}

test('the newest entries first, numbered on after a reset', () => {
  const { slowlog } = newSlowlog()
  for (const word of ['a', 'b', 'c']) slowlog.add(Args.from(word), 12.7, client)
  const [first, second, ...others] = slowlog.newest(2)
  assert.deepEqual([first!.id, second!.id, others.length], [2, 1, 0])
  assert.equal(first!.value, 12)
  assert.equal(first!.address, '127.0.0.1:1')
  slowlog.reset()
  assert.equal(slowlog.length, 0)
  slowlog.add(Args.from('d'), 1, client)
  assert.equal(slowlog.newest(10)[0]!.id, 3)
})

test('no more entries than configured, none when that is none', () => {
  const { settings, logs, slowlog } = newSlowlog(3)
  for (let i = 0; i < 10; i++) slowlog.add(Args.from('x'), 1, client)
  assert.deepEqual(
    slowlog.newest(10).map((entry) => entry.id),
    [9, 8, 7],
  )
  settings['commandlog-slow-execution-max-len'] = 0
  logs.follow()
  slowlog.add(Args.from('x'), 1, client)
  assert.equal(slowlog.newest(1)[0]!.id, 9)
  assert.equal(slowlog.newest(0).length, 0)
})

test('long arguments are cut, and so are many', () => {
  assert.deepEqual(shown('set', 'x'.repeat(128)), ['set', 'x'.repeat(128)])
  assert.deepEqual(shown('x'.repeat(130)), [`${'x'.repeat(128)}... (2 more bytes)`])
  const exact = Array.from({ length: 32 }, String)
  assert.deepEqual(shown(...exact), exact)
  const many = Array.from({ length: 34 }, String)
  assert.deepEqual(shown(...many), [...many.slice(0, 31), '... (3 more arguments)'])
})

test('entries are copies', () => {
  const { slowlog } = newSlowlog()
  const request = Buffer.from('secret')
  slowlog.add(Args.from(request), 1, client)
  request.fill('x')
  assert.equal(slowlog.newest(1)[0]!.args[0]!.latin1(), 'secret')
})

test('each log has a threshold and a length of its own', () => {
  const { logs } = newSlowlog(2)
  const { slow, 'large-request': requests, 'large-reply': replies } = logs
  assert.deepEqual([slow.wants(9999), slow.wants(10000)], [false, true])
  assert.deepEqual([requests.wants(0), replies.wants(Number.MAX_SAFE_INTEGER)], [true, false])
  for (const log of [slow, requests]) for (const word of ['a', 'b']) log.add(Args.from(word), 1, client)
  assert.deepEqual([slow.length, requests.length, replies.length], [2, 1, 0])
})
