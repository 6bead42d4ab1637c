/**
 * Plays a case on a server and gives its transcript: every byte the server sent, and what a MONITOR saw of it.
 */
import { connect as connectSocket, type Socket } from 'node:net'
import { type Argument, encode } from '../support/resp-client.ts'
import type { Case } from './case.ts'

/** Asked for behind the commands of a case: when it comes back, all replies have come. */
const FENCE = 'fence-7d1f'
/** And this when all is as it was before. */
const END = 'end-7d1f'
const CASE_TIMEOUT_MS = 15_000

/** A case that gets no end is one transcript too. */
export class PlayError extends Error {}

export async function play(port: number, one: Case): Promise<string> {
  const settings = one.settings ?? []
  const greeting: Argument[][] = one.protocol === 3 ? [['HELLO', '3']] : []
  const before = settings.map(([name, value]): Argument[] => ['CONFIG', 'SET', name, value])
  const behind = settings.map(([name, , after]): Argument[] => ['CONFIG', 'SET', name, after])
  if (one.stains) behind.push(['SCRIPT', 'FLUSH', 'SYNC'])
  const watcher = one.monitored ? await Stream.open(port) : undefined
  const player = await Stream.open(port)
  try {
    await watcher?.ask([['MONITOR']], '+OK\r\n')
    const commands = [
      ['FLUSHALL'],
      ...before,
      ...greeting,
      ...one.commands,
      ['PING', FENCE],
      ...behind,
      ['PING', END],
    ]
    const replies = withoutGreeting(await player.ask(commands, `${END}\r\n`), one)
    const transcript = watcher === undefined ? replies : `${replies}${await watcher.until(END)}`
    return one.normalise?.(transcript) ?? transcript
  } finally {
    player.close()
    watcher?.close()
  }
}

/** HELLO's reply names the server and counts the connections. */
function withoutGreeting(transcript: string, one: Case): string {
  if (one.protocol !== 3) return transcript
  const end = 'modules\r\n*0\r\n'
  return transcript.slice(transcript.indexOf(end) + end.length)
}

class Stream {
  private readonly socket: Socket
  private received = ''
  private closed = false
  private wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      this.received += chunk
      this.wake()
    })
    const end = () => {
      this.closed = true
      this.wake()
    }
    socket.on('error', end)
    socket.on('close', end)
  }

  static open(port: number): Promise<Stream> {
    return new Promise((resolve, reject) => {
      const socket = connectSocket({ port, host: '127.0.0.1', noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Stream(socket))
      })
    })
  }

  /** Sends commands and gives all that comes up to a text at its end. */
  ask(commands: readonly (readonly Argument[])[], last: string): Promise<string> {
    this.socket.write(Buffer.concat(commands.map(encode)))
    return this.until(last)
  }

  async until(last: string): Promise<string> {
    const deadline = setTimeout(() => {
      this.closed = true
      this.wake()
    }, CASE_TIMEOUT_MS)
    try {
      while (!this.received.includes(last, this.received.length - last.length - 4)) {
        if (this.closed) throw new PlayError(`no end after ${JSON.stringify(this.received.slice(-200))}`)
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
      }
      return this.received
    } finally {
      clearTimeout(deadline)
    }
  }

  close(): void {
    this.socket.destroy()
  }
}
