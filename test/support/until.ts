/**
 * Waiting for what comes by itself. How long it takes is nobody's business; the limit is there so that a test whose wait is
 * in vain fails, and says for what it waited, instead of hanging.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'

const LIMIT_MS = 20_000
const INTERVAL_MS = 2

/** `seen` tells what there was instead in the end. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  seen: () => unknown = () => '',
): Promise<void> {
  const deadline = Date.now() + LIMIT_MS
  while (!(await condition())) {
    if (Date.now() > deadline) assert.fail(`waited in vain for ${condition}\n${await seen()}`)
    await pause(INTERVAL_MS)
  }
}
