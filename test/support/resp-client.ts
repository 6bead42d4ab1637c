/**
 * A plain RESP client for tests: it hides nothing of the protocol. Text is latin1, one character a byte, so that binary
 * values survive. What has no JavaScript counterpart is tagged: errors, doubles, maps, sets, pushes, verbatim strings.
 */
import { connect as connectSocket, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | Reply[]
  | { error: string }
  | { double: string }
  | { bigNumber: string }
  | { verbatim: string }
  | { map: [Reply, Reply][] }
  | { set: Reply[] }
  | { push: Reply[] }

export type Argument = string | number | bigint | Buffer

interface Waiting {
  resolve(parsed: Parsed): void
  reject(error: Error): void
}

interface Parsed {
  reply: Reply
  /** The reply as it came over the wire. */
  raw: string
}

const REPLY_TIMEOUT_MS = 30_000

export class Connection {
  /** RESP3 pushes that arrived, and messages nobody waited for (subscriptions, MONITOR). */
  readonly unsolicited: Reply[] = []
  private readonly socket: Socket
  private readonly waiting: Waiting[] = []
  private input = ''
  private ended = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.receive(chunk))
    socket.on('error', () => this.end())
    socket.on('close', () => this.end())
  }

  get closed(): boolean {
    return this.ended
  }

  async send(...args: Argument[]): Promise<Reply> {
    return (await this.exchange(args)).reply
  }

  /** As send, giving the bytes of the reply. */
  async raw(...args: Argument[]): Promise<string> {
    return (await this.exchange(args)).raw
  }

  /** Sends all commands at once, then reads all replies. */
  async pipeline(commands: readonly Argument[][]): Promise<Reply[]> {
    const replies = commands.map(() => this.read())
    this.socket.write(Buffer.concat(commands.map(encode)))
    return Promise.all(replies)
  }

  /** The next reply, where more than one answers a command (SUBSCRIBE a b) or none was asked for. */
  async next(): Promise<Reply> {
    return this.unsolicited.length > 0 ? this.unsolicited.shift()! : this.read()
  }

  /** Bytes as they are: malformed and inline requests. */
  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) return resolve()
      this.socket.once('close', () => resolve())
      this.socket.destroy()
    })
  }

  private async exchange(args: readonly Argument[]): Promise<Parsed> {
    const parsed = this.wait()
    this.socket.write(encode(args))
    return parsed
  }

  private async read(): Promise<Reply> {
    return (await this.wait()).reply
  }

  private wait(): Promise<Parsed> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(new Error('connection closed'))
      const timer = setTimeout(() => reject(new Error('no reply')), REPLY_TIMEOUT_MS)
      this.waiting.push({
        resolve: (parsed) => {
          clearTimeout(timer)
          resolve(parsed)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      })
    })
  }

  private receive(chunk: string): void {
    this.input += chunk
    let p = 0
    for (let parsed = parse(this.input, p); parsed !== undefined; parsed = parse(this.input, p)) {
      const raw = this.input.slice(p, parsed.end)
      p = parsed.end
      const isPush = raw[0] === '>'
      const waiting = isPush ? undefined : this.waiting.shift()
      if (waiting === undefined) this.unsolicited.push(parsed.reply)
      else waiting.resolve({ reply: parsed.reply, raw })
    }
    this.input = this.input.slice(p)
  }

  private end(): void {
    this.ended = true
    for (const waiting of this.waiting.splice(0)) waiting.reject(new Error('connection closed'))
  }
}

export async function connect(port: number, host = '127.0.0.1'): Promise<Connection> {
  return new Connection(await whenOpen(connectSocket({ port, host, noDelay: true })))
}

/** Resolves when what is said on the socket reaches the other side. */
export function whenOpen(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

/** One command over a connection of its own. */
export async function send(port: number, ...args: Argument[]): Promise<Reply> {
  const connection = await connect(port)
  try {
    return await connection.send(...args)
  } finally {
    await connection.close()
  }
}

export function encode(args: readonly Argument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)]
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg), 'latin1')
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

export interface Token {
  reply: Reply
  end: number
}

/** The reply that starts at `start`; undefined while it is not complete. */
export function parse(input: string, start: number): Token | undefined {
  const lineEnd = input.indexOf('\r\n', start)
  if (lineEnd < 0) return undefined
  const line = input.slice(start + 1, lineEnd)
  const end = lineEnd + 2
  switch (input[start]) {
    case '+':
      return { reply: line, end }
    case '-':
      return { reply: { error: line }, end }
    case ':':
      return { reply: Number.isSafeInteger(Number(line)) ? Number(line) : BigInt(line), end }
    case '_':
      return { reply: null, end }
    case '#':
      return { reply: line === 't', end }
    case ',':
      return { reply: { double: line }, end }
    case '(':
      return { reply: { bigNumber: line }, end }
    case '$':
    case '=':
    case '!':
      return parseBulk(input, input[start]!, Number(line), end)
    case '*':
    case '~':
    case '>':
    case '%':
      return parseAggregate(input, input[start]!, Number(line), end)
    default:
      throw new Error(`not RESP: ${JSON.stringify(input.slice(start, start + 40))}`)
  }
}

function parseBulk(input: string, type: string, length: number, start: number): Token | undefined {
  if (length < 0) return { reply: null, end: start }
  const end = start + length + 2
  if (input.length < end) return undefined
  const text = input.slice(start, start + length)
  if (type === '=') return { reply: { verbatim: text }, end }
  return { reply: type === '!' ? { error: text } : text, end }
}

function parseAggregate(input: string, type: string, count: number, start: number): Token | undefined {
  if (count < 0) return { reply: null, end: start }
  const items: Reply[] = []
  let end = start
  const total = type === '%' ? count * 2 : count
  for (let i = 0; i < total; i++) {
    const item = parse(input, end)
    if (item === undefined) return undefined
    items.push(item.reply)
    end = item.end
  }
  if (type === '*') return { reply: items, end }
  if (type === '~') return { reply: { set: items }, end }
  if (type === '>') return { reply: { push: items }, end }
  const pairs = Array.from({ length: count }, (_, i): [Reply, Reply] => [items[2 * i]!, items[2 * i + 1]!])
  return { reply: { map: pairs }, end }
}
