/**
 * The server's events. Read from a plain request rather than an EventSource, as that cannot carry the token.
 */
import type { EngineState, MomentEvent, StartEvent } from '../observability/page/protocol.ts'
import { askForToken, authorization } from './token.ts'

const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 10_000
/** The server sends something each second; without anything for so long it is gone. */
const SILENCE_MAX_MS = 10_000

export interface Listener {
  start(event: StartEvent): void
  moment(event: MomentEvent): void
  engine(event: EngineState): void
  /** How the connection is: empty when it is well. */
  connection(problem: string): void
}

/** Never ends: connects again whenever it must. */
export async function follow(listener: Listener): Promise<never> {
  let wait = RETRY_MIN_MS
  for (;;) {
    try {
      await once(listener, () => {
        wait = RETRY_MIN_MS
      })
    } catch (error) {
      listener.connection(error instanceof Refused ? error.message : 'Not connected')
    }
    await new Promise((resolve) => setTimeout(resolve, wait))
    wait = Math.min(wait * 2, RETRY_MAX_MS)
  }
}

class Refused extends Error {}

async function once(listener: Listener, onStart: () => void): Promise<void> {
  const abort = new AbortController()
  let timer = setTimeout(() => abort.abort(), SILENCE_MAX_MS)
  try {
    const response = await fetch('/stream', { headers: authorization(), signal: abort.signal })
    if (response.status === 401) {
      clearTimeout(timer)
      return await askForToken()
    }
    if (!response.ok || response.body === null) throw new Refused(await problemOf(response))
    onStart()
    listener.connection('')
    let text = ''
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) throw new Error('the stream ended')
      clearTimeout(timer)
      timer = setTimeout(() => abort.abort(), SILENCE_MAX_MS)
      const frames = (text + value).split('\n\n')
      text = frames.pop()!
      for (const frame of frames) deliver(frame, listener)
    }
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

/** What fails in a listener is a defect of this page, and says nothing about the connection. */
function deliver(frame: string, listener: Listener): void {
  try {
    hand(frame, listener)
  } catch (error) {
    reportError(error)
    listener.connection('This page failed; reload it')
  }
}

function hand(frame: string, listener: Listener): void {
  const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? []
  if (data === undefined) return
  if (name === 'start') listener.start(JSON.parse(data) as StartEvent)
  else if (name === 'moment') listener.moment(JSON.parse(data) as MomentEvent)
  else if (name === 'engine') listener.engine(JSON.parse(data) as EngineState)
}

async function problemOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: string }
    return error ?? `Status ${response.status}`
  } catch {
    return `Status ${response.status}`
  }
}

/** Asks for something of the server; undefined where it does not exist, or not yet. */
export async function get<T>(path: string): Promise<T | undefined> {
  const response = await fetch(path, { headers: authorization() })
  return response.status === 200 ? ((await response.json()) as T) : undefined
}
