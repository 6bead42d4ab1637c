import assert from 'node:assert/strict'
import { onEachServer } from '../support/server.ts'

onEachServer('SCRIPT FLUSH', ({ it }) => {
  it('leaves the sequence of math.random where it is', async (call) => {
    const draw = () => call('EVAL', 'return math.random(1000000)', 0)
    await call('EVAL', 'math.randomseed(7)', 0)
    const expected = [await draw(), await draw(), await draw(), await draw()]
    assert.equal(new Set(expected).size, 4)
    await call('EVAL', 'math.randomseed(7)', 0)
    const drawn = [await draw()]
    for (const how of ['SYNC', 'ASYNC', 'SYNC']) {
      assert.equal(await call('SCRIPT', 'FLUSH', how), 'OK')
      drawn.push(await draw())
    }
    assert.deepEqual(drawn, expected)
  })
})
