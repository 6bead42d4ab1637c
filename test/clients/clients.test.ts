/**
 * Real client libraries, fifty connections at once.
 */
import { createHash } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { tlsClient } from '../support/access.ts'
import { type Access, PLAIN, type RunningServer, startPerilune, TLS } from '../support/server.ts'
import { type ScriptClient, WORKLOADS } from './workload.ts'

/** Scripts as ioredis's own commands: EVALSHA first, EVAL when the server does not know the script. */
async function connectIoredis({ port }: RunningServer, access: Access): Promise<ScriptClient> {
  const tls = access === TLS ? { tls: tlsClient() } : {}
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, ...tls })
  await client.connect()
  const defined = new Map<string, string>()
  return {
    run(script, keys, args) {
      let name = defined.get(script)
      if (name === undefined) {
        name = `script${defined.size}`
        client.defineCommand(name, { lua: script })
        defined.set(script, name)
      }
      const command = (client as unknown as Record<string, (...words: unknown[]) => Promise<unknown>>)[name]!
      return command.call(client, keys.length, ...keys, ...args)
    },
    command: (name, ...words) => client.call(name!, ...words),
    async close() {
      client.disconnect()
    },
  }
}

async function connectNodeRedis({ port }: RunningServer, access: Access): Promise<ScriptClient> {
  const where = { host: '127.0.0.1', port }
  const socket = access === TLS ? { ...where, tls: true as const, ...tlsClient() } : where
  const client = createClient({ socket, RESP: 3 })
  client.on('error', () => {})
  await client.connect()
  return {
    async run(script, keys, args) {
      const options = { keys: [...keys], arguments: [...args] }
      try {
        return await client.evalSha(createHash('sha1').update(script).digest('hex'), options)
      } catch (error) {
        if (!String(error).includes('NOSCRIPT')) throw error
        return client.eval(script, options)
      }
    },
    command: (...words) => client.sendCommand(words),
    async close() {
      client.destroy()
    },
  }
}

/** What is done over TLS as well: a client that can do this can do the rest. */
const OVER_TLS: readonly string[] = ['lockAndUnlock', 'slidingWindow']

function suite(connect: typeof connectIoredis, access: Access): void {
  let server: RunningServer
  const open = () => connect(server, access)
  before(async () => {
    server = await startPerilune([], access)
  })
  after(() => server.stop())
  beforeEach(async () => {
    const client = await open()
    await client.command('FLUSHALL')
    await client.close()
  })
  for (const [name, work] of Object.entries(WORKLOADS)) {
    if (access === PLAIN || OVER_TLS.includes(name)) test(name, { timeout: 60_000 }, () => work(open))
  }
}

for (const access of [PLAIN, TLS]) {
  describe(`ioredis over ${access.name}`, () => suite(connectIoredis, access))
  describe(`node-redis over ${access.name}`, () => suite(connectNodeRedis, access))
}
