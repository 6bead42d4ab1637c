import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogLines, UNWRITTEN_MAX } from '../../../../src/net/tls/log-lines.ts'
import { CONTROL_WORDS, LOGGED } from '../../../../src/net/tls/protocol.ts'

function lines(logged = 0): { control: Int32Array; log: LogLines; posted: string[] } {
  const control = new Int32Array(CONTROL_WORDS)
  control[LOGGED] = logged
  const posted: string[] = []
  return { control, posted, log: new LogLines(control, ({ warning }) => posted.push(warning)) }
}

test('lines nobody takes are counted and left out', () => {
  const { control, posted, log } = lines()
  for (let i = 0; i < UNWRITTEN_MAX + 5; i++) log.warning(`line ${i}`)
  assert.equal(posted.length, UNWRITTEN_MAX)
  assert.equal(posted.at(-1), `line ${UNWRITTEN_MAX - 1}`)
  control[LOGGED]! += 10
  log.warning('the next')
  assert.deepEqual(posted.slice(UNWRITTEN_MAX), ['5 log lines of the TLS thread were left out', 'the next'])
  log.warning('another')
  assert.equal(posted.at(-1), 'another')
})
