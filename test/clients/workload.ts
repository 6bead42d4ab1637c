/**
 * Fifty connections that run scripts at once, each checking that every reply is its own and the totals exact. Written once
 * against the little that the tests need of a client, so that ioredis and node-redis run the same.
 */
import assert from 'node:assert/strict'
import * as scripts from './scripts.ts'

/** One connection of some client library. */
export interface ScriptClient {
  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>
  command(...words: string[]): Promise<unknown>
  close(): Promise<void>
}

const CONNECTIONS = 50
const ROUNDS = 20

type Connect = () => Promise<ScriptClient>

async function withClients(
  connect: Connect,
  work: (clients: ScriptClient[]) => Promise<void>,
): Promise<void> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, connect))
  try {
    await work(clients)
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}

/** The same work on every connection at once. */
function everywhere(
  clients: ScriptClient[],
  work: (client: ScriptClient, me: number) => Promise<void>,
): Promise<unknown> {
  return Promise.all(clients.map(work))
}

export async function lockAndUnlock(connect: Connect): Promise<void> {
  await withClients(connect, async (clients) => {
    let inside = 0
    let entered = 0
    await everywhere(clients, async (client, me) => {
      for (let done = 0; done < 4; ) {
        const token = `owner-${me}-${done}`
        if ((await client.run(scripts.LOCK, ['lock'], [token, '30000'])) !== 1) continue
        assert.equal(++inside, 1, 'two owners hold the lock')
        entered++
        assert.equal(await client.run(scripts.UNLOCK, ['lock'], ['a stranger']), 0)
        inside--
        assert.equal(await client.run(scripts.UNLOCK, ['lock'], [token]), 1)
        done++
      }
    })
    assert.equal(entered, CONNECTIONS * 4)
    assert.equal(await clients[0]!.command('EXISTS', 'lock'), 0)
  })
}

export async function compareAndSwap(connect: Connect): Promise<void> {
  await withClients(connect, async (clients) => {
    await clients[0]!.command('SET', 'cas', '0')
    await everywhere(clients, async (client) => {
      for (let done = 0; done < ROUNDS; ) {
        const seen = String(await client.command('GET', 'cas'))
        const swapped = await client.run(scripts.COMPARE_AND_SWAP, ['cas'], [seen, String(Number(seen) + 1)])
        if (swapped === 1) done++
      }
    })
    assert.equal(await clients[0]!.command('GET', 'cas'), String(CONNECTIONS * ROUNDS))
  })
}

export async function transfer(connect: Connect): Promise<void> {
  const ACCOUNTS = 10
  const START = 1000
  await withClients(connect, async (clients) => {
    for (let i = 0; i < ACCOUNTS; i++) await clients[0]!.command('SET', `account:${i}`, String(START))
    let refused = 0
    await everywhere(clients, async (client, me) => {
      for (let i = 0; i < ROUNDS; i++) {
        const from = `account:${(me + i) % ACCOUNTS}`
        const to = `account:${(me * 7 + i * 3 + 1) % ACCOUNTS}`
        if (from === to) continue
        try {
          const left = await client.run(scripts.TRANSFER, [from, to], [String(50 + ((me * i) % 400))])
          assert.ok(Number(left) >= 0)
        } catch (error) {
          assert.match(String(error), /INSUFFICIENT balance \d+/)
          refused++
        }
      }
    })
    let total = 0
    for (let i = 0; i < ACCOUNTS; i++) {
      const balance = Number(await clients[0]!.command('GET', `account:${i}`))
      assert.ok(balance >= 0)
      total += balance
    }
    assert.equal(total, ACCOUNTS * START)
    assert.ok(refused < CONNECTIONS * ROUNDS)
  })
}

export async function slidingWindow(connect: Connect): Promise<void> {
  const LIMIT = 37
  await withClients(connect, async (clients) => {
    let allowed = 0
    await everywhere(clients, async (client, me) => {
      for (let i = 0; i < ROUNDS; i++) {
        const reply = await client.run(
          scripts.SLIDING_WINDOW,
          ['window'],
          ['1000', '60000', String(LIMIT), `${me}:${i}`],
        )
        allowed += Number(reply)
      }
    })
    assert.equal(allowed, LIMIT)
    assert.equal(await clients[0]!.command('ZCARD', 'window'), LIMIT)
    const later = await clients[0]!.run(
      scripts.SLIDING_WINDOW,
      ['window'],
      ['61001', '60000', String(LIMIT), 'later'],
    )
    assert.equal(later, 1)
    assert.equal(await clients[0]!.command('ZCARD', 'window'), 1)
  })
}

export async function bulkConditionalUpdate(connect: Connect): Promise<void> {
  const ITEMS = 40
  await withClients(connect, async (clients) => {
    const keys = Array.from({ length: ITEMS }, (_, i) => `item:${i}`)
    for (const key of keys) await clients[0]!.command('HSET', key, 'version', '0')
    const winners: string[] = []
    for (let version = 0; version < 5; version++) {
      await everywhere(clients, async (client, me) => {
        const updated = await client.run(scripts.BULK_UPDATE, keys, [
          String(version),
          String(version + 1),
          `me-${me}`,
        ])
        assert.ok(updated === 0 || updated === ITEMS, `half an update: ${updated}`)
        if (updated === ITEMS) winners.push(`me-${me}`)
      })
      assert.equal(winners.length, version + 1)
      for (const key of keys) assert.equal(await clients[0]!.command('HGET', key, 'by'), winners[version])
    }
  })
}

export async function queue(connect: Connect): Promise<void> {
  await withClients(connect, async (clients) => {
    const done = new Set<string>()
    await everywhere(clients, async (client, me) => {
      for (let i = 0; i < ROUNDS; i++) {
        await client.run(scripts.ENQUEUE, ['waiting', 'next-id', 'jobs'], [`job-${me}-${i}`])
        const job = (await client.run(scripts.DEQUEUE, ['waiting', 'working', 'jobs'], [])) as
          | [string, string]
          | null
        if (job === null) continue
        assert.ok(!done.has(job[1]), `${job[1]} was handed out twice`)
        done.add(job[1])
        assert.equal(await client.run(scripts.ACKNOWLEDGE, ['working', 'jobs'], [job[0]]), 1)
      }
    })
    for (const list of ['waiting', 'working', 'jobs'])
      assert.equal(await clients[0]!.command('EXISTS', list), 0)
    assert.equal(done.size, CONNECTIONS * ROUNDS)
  })
}

/** Every connection asks for its own name in long pipelines: a reply on a wrong connection or out of order shows. */
export async function ownReplies(connect: Connect): Promise<void> {
  await withClients(connect, async (clients) => {
    await everywhere(clients, async (client, me) => {
      for (let round = 0; round < 5; round++) {
        const replies = await Promise.all(
          Array.from({ length: 40 }, (_, i) => client.run('return ARGV[1]', [], [`${me}:${round}:${i}`])),
        )
        assert.deepEqual(
          replies,
          Array.from({ length: 40 }, (_, i) => `${me}:${round}:${i}`),
        )
      }
    })
  })
}

export const WORKLOADS = {
  lockAndUnlock,
  compareAndSwap,
  transfer,
  slidingWindow,
  bulkConditionalUpdate,
  queue,
  ownReplies,
}
