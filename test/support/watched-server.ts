/**
 * A server with its metrics thread: what that tells of scripts, and how it ends them.
 */
import { type Connection, connect, freePort, type RunningServer, startPerilune } from './server.ts'
import { until } from './until.ts'

export interface Started {
  readonly server: RunningServer
  readonly connection: Connection
  readonly port: number
}

export async function start(...args: string[]): Promise<Started> {
  const port = await freePort()
  const server = await startPerilune(['--metrics-port', String(port), ...args])
  await until(() => server.output().includes('Metrics at '), server.output)
  return { server, connection: await connect(server.port), port }
}

/** Ends a server that is busy. */
export async function shutDown(server: RunningServer): Promise<void> {
  const connection = await connect(server.port)
  await connection.send('shutdown', 'nosave').catch(() => {})
  await server.exited
}

export interface Running {
  readonly run: number
  readonly name: string
  readonly wrote: boolean
  readonly caller: { readonly client: string } | null
}

/** An event of the stream. */
interface Told {
  readonly running?: Running | null
  readonly engine?: { readonly running: Running | null }
}

/** The events of the stream until a script is seen to run. */
export async function seen(port: number): Promise<Running> {
  const response = await fetch(`http://127.0.0.1:${port}/stream`)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let text = ''; ; ) {
      text += (await reader.read()).value
      for (const [, data] of text.matchAll(/^data: (.*)\n/gm)) {
        const { engine, running = engine?.running } = JSON.parse(data!) as Told
        if (running) return running
      }
    }
  } finally {
    await reader.cancel()
  }
}

export async function kill(port: number, run: number): Promise<{ status: number; outcome: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/kill`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-perilune-action': 'kill' },
    body: JSON.stringify({ run }),
  })
  return { status: response.status, ...((await response.json()) as { outcome: string }) }
}
