/**
 * What redis.log writes: the same lines, byte for byte, in the log files of Perilune and of a real Valkey, but for process
 * and time.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Argument,
  connect,
  noOracle,
  type RunningServer,
  startOracle,
  startPerilune,
} from '../support/server.ts'

const MESSAGES: readonly Argument[] = [
  'plain',
  '',
  ' spaces ',
  '\xff\xfe\x80',
  Buffer.from('é€😀'),
  'a\0b',
  'a\r\nb',
  '\x01\x1b[31m\x7f',
  '%s%n%d',
  `quotes ' " and \\`,
  'x'.repeat(3000),
]

const SCRIPTS: readonly string[] = [
  'for level = 0, 3 do redis.log(level, ARGV[1]) end',
  "redis.log(redis.LOG_WARNING, 'first', ARGV[1], 'last')",
  'redis.log(redis.LOG_WARNING, 1, 2.5, 1e20, ARGV[1])',
  'redis.log(redis.LOG_WARNING, {}, ARGV[1], nil, true)',
  "redis.log('2', ARGV[1])",
  'redis.log(2.9, ARGV[1])',
]

async function logOf(server: RunningServer): Promise<string[]> {
  const connection = await connect(server.port)
  try {
    for (const message of MESSAGES) {
      for (const script of SCRIPTS) await connection.send('EVAL', script, 0, message)
    }
    await connection.send('EVAL', "redis.log(redis.LOG_WARNING, 'the end')", 0)
  } finally {
    await connection.close()
  }
  const text = readFileSync(join(server.dir, 'log'), 'latin1')
  const lines = text.replaceAll(String(server.pid), 'pid').split('\n')
  const shown = lines.slice(lines.findIndex((line) => line.endsWith('plain')))
  return shown.slice(0, shown.findIndex((line) => line.includes('the end')) + 1).map(withoutTime)
}

function withoutTime(line: string): string {
  return line
    .replace(/^pid:M \d+ \w+ \d+ [\d:.]+ /, 'pid:M time ')
    .replace(/ timestamp="[^"]*"/, ' timestamp="time"')
}

for (const [format, level] of [
  ['legacy', 'debug'],
  ['logfmt', 'notice'],
  ['legacy', 'nothing'],
] as const) {
  test(`redis.log, ${format} at level ${level}`, { skip: noOracle }, async () => {
    const args = ['--logfile', 'log', '--loglevel', level, '--log-format', format]
    const servers = await Promise.all([startPerilune(args), startOracle(args)])
    try {
      const [ours, theirs] = await Promise.all(servers.map(logOf))
      assert.deepEqual(ours, theirs)
    } finally {
      await Promise.all(servers.map((server) => server.stop()))
    }
  })
}
