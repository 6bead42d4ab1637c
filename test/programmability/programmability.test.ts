/**
 * The differential test of programmability: every case is played on Perilune and on a real Valkey, and what both send must be
 * the same, byte for byte. One test a topic; PERILUNE_CASES names a part of the cases to play by themselves.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { noOracle, type RunningServer, startOracle, startPerilune } from '../support/server.ts'
import { ALLOWED } from './allow.ts'
import type { Case, Topic } from './case.ts'
import { describeDifference } from './difference.ts'
import { play } from './player.ts'
import { TOPICS } from './topics.ts'

/** Differences a failing topic shows in full; all are counted. */
const SHOWN_DIFFERENCES = Number(process.env.PERILUNE_SHOWN ?? 12)
const ONLY = process.env.PERILUNE_CASES

const COMPILE_ERROR = /Error compiling (?:script|function)/
const ARGUMENTS = ['--enable-debug-command', 'yes']

/** What is made of tables shrinks silently when a table breaks. */
const CASES_MIN = 12_000

test('the cases are as many as they were', () => {
  const count = TOPICS.reduce((sum, { cases }) => sum + cases.length, 0)
  assert.ok(count >= CASES_MIN, `${count} cases`)
})

test('allowed differences are of cases that exist', () => {
  for (const { topic, names } of ALLOWED) {
    const cases = TOPICS.find(({ name }) => name === topic)?.cases ?? []
    const unknown = names.filter((name) => !cases.some((one) => one.name === name))
    assert.deepEqual(unknown, [], topic)
  }
})

describe('programmability as in Valkey', { skip: noOracle }, () => {
  let ours: RunningServer
  let theirs: RunningServer
  const start = async () => {
    ;[ours, theirs] = await Promise.all([startPerilune(ARGUMENTS), startOracle(ARGUMENTS)])
  }
  const stop = async () => {
    await Promise.all([ours?.stop(), theirs?.stop()])
  }
  before(start)
  after(stop)

  for (const topic of TOPICS) {
    test(topic.name, async (t) => {
      const complaints: string[] = []
      const cases = topic.cases.filter(({ name }) => ONLY === undefined || name.includes(ONLY))
      for (const one of cases) {
        const complaint = await compare(topic, one)
        if (complaint !== undefined) complaints.push(complaint)
      }
      t.diagnostic(`${cases.length} cases`)
      const shown = complaints.slice(0, SHOWN_DIFFERENCES).join('\n\n')
      assert.equal(complaints.length, 0, `${complaints.length} of ${cases.length} cases:\n\n${shown}\n`)
    })
  }

  /** The transcript, or why there is none. */
  function played(server: RunningServer, one: Case): Promise<string | Error> {
    return play(server.port, one).catch((error: Error) => error)
  }

  /** What is wrong with a case, undefined when nothing is. */
  async function compare(topic: Topic, one: Case): Promise<string | undefined> {
    const [actual, expected] = await Promise.all([played(ours, one), played(theirs, one)])
    if (actual instanceof Error || expected instanceof Error) {
      await stop()
      await start()
      return `${one.name}: perilune: ${actual instanceof Error ? actual : 'fine'}, valkey: ${expected instanceof Error ? expected : 'fine'}`
    }
    if (one.malformed === undefined && COMPILE_ERROR.test(expected))
      return `${one.name}: does not compile: ${expected}`
    const allowed = ALLOWED.find(({ topic: of, names }) => of === topic.name && names.includes(one.name))
    if (actual === expected)
      return allowed && `${one.name}: is the same, but was allowed to differ: ${allowed.reason}`
    return allowed ? undefined : describeDifference(one, actual, expected)
  }
})
