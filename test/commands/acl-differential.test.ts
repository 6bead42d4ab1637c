/**
 * Access control against a real Valkey: random lists of rules must be taken, refused and described alike, and random
 * requests permitted or denied for the same reason.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { request, rules } from '../support/acl-arbitraries.ts'
import {
  type Connection,
  connect,
  noOracle,
  type RunningServer,
  startOracle,
  startPerilune,
} from '../support/server.ts'

const RULES_RUNS = 300
const REQUESTS_RUNS = 300
const REQUESTS = 60

interface Side {
  readonly server: RunningServer
  readonly connection: Connection
}

async function open(starting: Promise<RunningServer>): Promise<Side> {
  const server = await starting
  return { server, connection: await connect(server.port) }
}

describe('access control compared with Valkey', { skip: noOracle }, () => {
  let ours: Side
  let theirs: Side
  before(async () => {
    ours = await open(startPerilune(['--loglevel', 'nothing']))
    theirs = await open(startOracle(['--loglevel', 'nothing']))
  })
  after(async () => {
    for (const side of [ours, theirs]) {
      await side?.connection.close()
      await side?.server.stop()
    }
  })

  /** The same conversation with both. */
  async function compare(...requests: string[][]): Promise<void> {
    const bytes = requests.map((words) => words.map((text) => Buffer.from(text, 'latin1')))
    const [actual, expected] = await Promise.all([
      ours.connection.pipeline(bytes),
      theirs.connection.pipeline(bytes),
    ])
    for (const [i, words] of requests.entries()) {
      assert.deepEqual(actual[i], expected[i], words.map((text) => JSON.stringify(text)).join(' '))
    }
  }

  for (const protocol of ['2', '3']) {
    test(`rules, RESP${protocol}`, async () => {
      for (const side of [ours, theirs]) await side.connection.send('hello', protocol)
      await fc.assert(
        fc.asyncProperty(
          fc.array(rules, { minLength: 1, maxLength: 3 }),
          fc.boolean(),
          async (lists, open) => {
            await compare(
              ['config', 'set', 'acl-pubsub-default', open ? 'allchannels' : 'resetchannels'],
              ['acl', 'deluser', 'u'],
              // All at once, of which most hold an error, and one by one.
              ...lists.flatMap((list) => [
                ['acl', 'setuser', 'u', ...list],
                ['acl', 'list'],
              ]),
              ...lists.flat().flatMap((rule) => [
                ['acl', 'setuser', 'u', rule],
                ['acl', 'getuser', 'u'],
              ]),
              ['acl', 'list'],
            )
          },
        ),
        { numRuns: RULES_RUNS },
      )
    })
  }

  test('requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        rules,
        fc.array(request, { minLength: REQUESTS, maxLength: REQUESTS, size: 'max' }),
        async (list, requests) => {
          const single = list.map((rule) => ['acl', 'setuser', 'u', rule])
          await compare(
            ['acl', 'deluser', 'u'],
            ['acl', 'setuser', 'u'],
            ...single,
            ...requests.map((words) => ['acl', 'dryrun', 'u', ...words]),
          )
        },
      ),
      { numRuns: REQUESTS_RUNS },
    )
  })
})
