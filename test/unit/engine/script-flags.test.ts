import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DENYOOM, FAST, MAY_REPLICATE, NOSCRIPT, STALE, WRITE } from '../../../src/commands/flags.ts'
import { commandFlags, isReadOnly, refusalAtStart } from '../../../src/engine/script-flags.ts'
import { ALLOW_OOM, ALLOW_STALE, COMPAT_MODE, NO_CLUSTER, NO_WRITES } from '../../../src/scripting/shebang.ts'

const room = { isMemoryExceeded: false, isClustered: false }
const full = { isMemoryExceeded: true, isClustered: false }
const node = { isMemoryExceeded: true, isClustered: true }

test('what may start', () => {
  for (const readOnly of [false, true]) {
    for (const state of [room, full, node])
      assert.equal(refusalAtStart(COMPAT_MODE, readOnly, state), undefined)
  }
  assert.equal(refusalAtStart(0, false, room), undefined)
  assert.match(refusalAtStart(0, true, room)!, /^ERR Can not execute a script with write flag/)
  assert.match(refusalAtStart(0, true, full)!, /^ERR Can not execute a script with write flag/)
  assert.match(refusalAtStart(0, false, full)!, /^OOM allow-oom flag is not set/)
  assert.match(refusalAtStart(ALLOW_STALE, false, full)!, /^OOM allow-oom flag is not set/)
  assert.equal(refusalAtStart(ALLOW_OOM, false, full), undefined)
  assert.equal(refusalAtStart(NO_WRITES, true, full), undefined)
  assert.equal(refusalAtStart(NO_CLUSTER | ALLOW_OOM, false, full), undefined)
  for (const flags of [NO_CLUSTER, NO_CLUSTER | NO_WRITES, NO_CLUSTER | ALLOW_OOM]) {
    for (const readOnly of [false, true]) {
      assert.match(refusalAtStart(flags, readOnly, node)!, /^ERR Can not run script on cluster, 'no-cluster'/)
    }
  }
})

test('who may not write', () => {
  assert.equal(isReadOnly(COMPAT_MODE, false), false)
  assert.equal(isReadOnly(COMPAT_MODE, true), true)
  assert.equal(isReadOnly(0, false), false)
  assert.equal(isReadOnly(NO_WRITES, false), true)
})

test('the command of a script has the flags that the script declares', () => {
  const own = NOSCRIPT | STALE | MAY_REPLICATE | FAST
  assert.equal(commandFlags(own, COMPAT_MODE), own)
  assert.equal(commandFlags(own, 0), NOSCRIPT | FAST | WRITE | DENYOOM)
  assert.equal(commandFlags(own, NO_WRITES), NOSCRIPT | FAST)
  assert.equal(commandFlags(own, ALLOW_OOM | ALLOW_STALE), NOSCRIPT | FAST | WRITE | STALE)
})
