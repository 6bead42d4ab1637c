/**
 * What a server process holds, as Linux tells, and that it comes back to what it was.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is open. */
export function descriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return `${fd}: ${readlinkSync(`/proc/${pid}/fd/${fd}`)}`
    } catch {
      return `${fd}: gone`
    }
  })
}

/** The server learns of the last clients' ends by and by; what is still open after seconds has leaked. */
export async function assertClosed(pid: number, opened: readonly string[], spare: number): Promise<void> {
  const most = opened.length + spare
  for (let attempt = 0; attempt < 100 && descriptors(pid).length > most; attempt++) await sleep(100)
  const left = descriptors(pid)
  assert.ok(left.length <= most, `${opened.length} descriptors before, after: ${left.join(', ')}`)
}

export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Memory may grow by less than `most` MiB from what it was; returns by how much it did. */
export function assertSteady(pid: number, before: number, most: number): number {
  const grown = residentMiB(pid) - before
  assert.ok(grown < most, `memory grew by ${grown.toFixed(1)} MiB from ${before.toFixed(1)}`)
  return grown
}
