/**
 * Real client libraries, fifty connections at once.
 */
import { createHash } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { type RunningServer, startPerilune } from '../support/server.ts'
import { type ScriptClient, WORKLOADS } from './workload.ts'

let server: RunningServer

before(async () => {
  server = await startPerilune(['--metrics-port', '0'])
})

after(() => server.stop())

/** Scripts as ioredis's own commands: EVALSHA first, EVAL when the server does not know the script. */
async function connectIoredis(): Promise<ScriptClient> {
  const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true })
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

async function connectNodeRedis(): Promise<ScriptClient> {
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port }, RESP: 3 })
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

for (const [library, connect] of [
  ['ioredis', connectIoredis],
  ['node-redis', connectNodeRedis],
] as const) {
  describe(library, () => {
    beforeEach(async () => {
      const client = await connect()
      await client.command('FLUSHALL')
      await client.close()
    })
    for (const [name, work] of Object.entries(WORKLOADS)) test(name, { timeout: 60_000 }, () => work(connect))
  })
}
