/**
 * A browser without a window, driven over a pipe with the protocol of its own tools.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

const CALL_TIMEOUT_MS = 60_000
/** Less than a client waits for a reply, so that it is said what was waited for. */
const WAIT_TIMEOUT_MS = 20_000

const program = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)

/** Why tests that need a browser are skipped, false when they are not. */
export const noChromium: string | false =
  program === undefined ? 'there is no chromium on the path (apt install chromium)' : false

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

interface Waiting {
  resolve(result: Record<string, unknown>): void
  reject(error: Error): void
  readonly timer: NodeJS.Timeout
}

export class Browser {
  private readonly child: ChildProcess
  private readonly folder = mkdtempSync(join(tmpdir(), 'perilune-chromium-'))
  private readonly waiting = new Map<number, Waiting>()
  private readonly ended: Promise<void>
  private lastId = 0
  private session: string | undefined
  /** What the page has complained about: its console, and the rules of its policy it broke. */
  readonly complaints: string[] = []

  static async launch(): Promise<Browser> {
    const browser = new Browser()
    const { targetId } = await browser.call('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await browser.call('Target.attachToTarget', { targetId, flatten: true })
    browser.session = String(sessionId)
    for (const domain of ['Page', 'Runtime', 'Log']) await browser.call(`${domain}.enable`)
    return browser
  }

  private constructor() {
    const args = [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
      ...['--remote-debugging-pipe', `--user-data-dir=${this.folder}`, '--no-first-run', 'about:blank'],
    ]
    this.child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
    this.ended = new Promise((resolve) => this.child.once('exit', () => resolve()))
    let text = ''
    const output = this.child.stdio[4] as Readable
    output.on('data', (chunk: Buffer) => {
      const messages = (text + chunk).split('\0')
      text = messages.pop()!
      for (const message of messages) this.take(JSON.parse(message) as Answer)
    })
  }

  private take({ id, method, params, result, error }: Answer): void {
    if (method === 'Log.entryAdded') {
      const { level, text, url } = params!.entry as { level: string; text: string; url?: string }
      if (level === 'error' || level === 'warning') this.complaints.push(`${text} ${url ?? ''}`)
    } else if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params))
    if (id === undefined) return
    const waiting = this.waiting.get(id)
    clearTimeout(waiting?.timer)
    this.waiting.delete(id)
    if (error === undefined) waiting?.resolve(result ?? {})
    else waiting?.reject(new Error(error.message))
  }

  private call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.lastId
    const input = this.child.stdio[3] as Writable
    input.write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), CALL_TIMEOUT_MS)
      this.waiting.set(id, { resolve, reject, timer })
    })
  }

  async open(url: string): Promise<void> {
    await this.call('Page.navigate', { url })
  }

  /** How the page is to look. */
  async emulate(width: number, height: number, scheme: 'light' | 'dark', scale = 1): Promise<void> {
    const mobile = width < 600
    await this.call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile })
    await this.call('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    })
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const options = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', options)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value: T }).value
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    const deadline = Date.now() + WAIT_TIMEOUT_MS
    while (!(await this.evaluate<boolean>(`Boolean(${expression})`).catch(() => false))) {
      if (Date.now() > deadline) {
        const text = await this.evaluate<string>('document.body.innerText.slice(0, 2000)')
        throw new Error(`never true: ${expression}\n${text}\n${this.complaints.join('\n')}`)
      }
      await pause(30)
    }
  }

  async press(key: string, code: number): Promise<void> {
    const common = { key, code: key, windowsVirtualKeyCode: code, ...(key === 'Enter' ? { text: '\r' } : {}) }
    await this.call('Input.dispatchKeyEvent', { type: 'keyDown', ...common })
    await this.call('Input.dispatchKeyEvent', { type: 'keyUp', ...common })
  }

  async screenshot(full = false): Promise<Buffer> {
    const { data } = await this.call('Page.captureScreenshot', {
      format: 'png',
      captureBeyondViewport: full,
    })
    return Buffer.from(String(data), 'base64')
  }

  async close(): Promise<void> {
    this.session = undefined
    await this.call('Browser.close').catch(() => this.child.kill('SIGKILL'))
    await this.ended
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}
