/**
 * What LATENCY GRAPH draws.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latencyGraph } from '../../../../src/commands/server/latency-graph.ts'

function event(...spikes: (readonly [time: number, milliseconds: number])[]) {
  const history = spikes.map(([time, milliseconds]) => ({ time, milliseconds }))
  return { name: 'command', latest: history.at(-1)!, worst: 3000, total: 0, count: 0, history }
}

test('a column a spike, its age below', () => {
  assert.deepEqual(
    latencyGraph(event([0, 50], [10_000, 20], [89_970, 650], [89_999, 1200]), 90_000).split('\n'),
    [
      'command - high 1200 ms, low 20 ms (all time high 3000 ms)',
      '-'.repeat(80),
      '   #',
      '  _|',
      '  ||',
      '__||',
      '    ',
      '1231',
      'd20s',
      ' hs ',
      '',
    ],
  )
})

test('more than eighty spikes take several lines', () => {
  const many = Array.from({ length: 100 }, (_, i) => [i, 7] as const)
  const lines = latencyGraph(event(...many), 100).split('\n')
  assert.equal(lines[2]!.length, 80)
  assert.deepEqual(lines[6], ' '.repeat(80))
  assert.ok(lines.includes('_'.repeat(20)))
})
