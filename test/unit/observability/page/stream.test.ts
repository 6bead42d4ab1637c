import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { ScriptLedger } from '../../../../src/counting/scripts/ledger.ts'
import { ScriptReader } from '../../../../src/counting/scripts/reader.ts'
import { addDuration, CALLS, KIND_SCRIPT } from '../../../../src/counting/scripts/record.ts'
import { figuresShape, SharedFigures } from '../../../../src/observability/metrics/shared-figures.ts'
import { Recorder } from '../../../../src/observability/page/history.ts'
import type {
  EngineState,
  MomentEvent,
  RunningNow,
  StartEvent,
} from '../../../../src/observability/page/protocol.ts'
import { STALLED_MS, STREAMS_MAX, Streams } from '../../../../src/observability/page/stream.ts'
import { sampleSource } from '../fields/source.ts'

/** A page that knows what it was told. */
class Page extends Writable {
  readonly events: string[] = []
  readonly ids = new Set<string>()
  running: RunningNow | null = null
  /** It takes nothing any more. */
  isStuck = false
  private text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.isStuck) return
    const frames = (this.text + String(chunk)).split('\n\n')
    this.text = frames.pop()!
    for (const frame of frames) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame)!
      this.events.push(name!)
      this.hear(name!, JSON.parse(data!))
    }
    done()
  }

  private hear(name: string, event: unknown): void {
    if (name === 'engine') this.running = (event as EngineState).running
    else this.running = (event as StartEvent | MomentEvent).engine.running
    if (name === 'start') for (const { id } of (event as StartEvent).scripts) this.ids.add(id)
    if (name !== 'moment') return
    const { changed, gone } = event as MomentEvent
    for (const { id } of changed) this.ids.add(id)
    for (const id of gone) this.ids.delete(id)
  }
}

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1e12 })
  const source = sampleSource()
  const commands = source.commands.map((command) => command.name)
  const figures = new SharedFigures(figuresShape(16, commands))
  figures.publish(source)
  const ledger = new ScriptLedger({ 'script-metrics-max-labels': 50, 'metrics-port': 0 })
  const reader = new ScriptReader(ledger.memory)
  const recorder = new Recorder(ledger.memory)
  const killer = { run: null as RunningNow | null, running: () => killer.run }
  const streams = new Streams({ figures, reader, recorder, killer })
  streams.start()
  const open = (id: string) => {
    const record = ledger.open({ record: null }, { kind: KIND_SCRIPT, id, name: '', text: Buffer.from('') })
    record[CALLS]!++
    addDuration(record, 10, 1)
    return record
  }
  const join = () => {
    const page = new Page()
    streams.add(page)
    return page
  }
  const pass = (ms: number) => t.mock.timers.tick(ms)
  return { ledger, streams, killer, open, join, pass }
}

function idsOf(page: Page): string[] {
  return [...page.ids].sort()
}

test('all pages know the same scripts, whenever they came', (t) => {
  const { ledger, open, join, pass } = setUp(t)
  const a = open('a')
  open('b')
  const first = join()
  assert.deepEqual(idsOf(first), ['a', 'b'])
  pass(1000)
  const c = open('c')
  pass(500)
  const second = join()
  ledger.close(a)
  ledger.close(c)
  open('d')
  pass(500)
  for (const page of [first, second]) assert.deepEqual(idsOf(page), ['b', 'd', 'other'])
})

test('a page that comes when no other is open is told what goes after', async (t) => {
  const { ledger, open, join, pass } = setUp(t)
  const gone = join()
  gone.destroy()
  await once(gone, 'close')
  open('a')
  pass(5000)
  const b = open('b')
  const page = join()
  assert.deepEqual(idsOf(page), ['a', 'b'])
  ledger.close(b)
  pass(1000)
  assert.deepEqual(idsOf(page), ['a', 'other'])
})

test('what runs is told once it has been running for a while, and its end at once', (t) => {
  const { killer, join, pass } = setUp(t)
  const first = join()
  killer.run = { run: 1, id: 'a', name: '', age: 100, wrote: false, caller: null }
  pass(100)
  killer.run = { ...killer.run, age: 200 }
  const second = join()
  for (const page of [first, second]) assert.equal(page.running?.run, 1)
  killer.run = { ...killer.run, age: 300, wrote: true }
  pass(100)
  killer.run = null
  pass(100)
  for (const page of [first, second]) assert.equal(page.running, null)
  assert.deepEqual(first.events, ['start', 'engine', 'engine', 'engine'])
  assert.deepEqual(second.events, ['start', 'engine', 'engine'])
})

test('who runs it is told as soon as it is known', (t) => {
  const { killer, join, pass } = setUp(t)
  const page = join()
  killer.run = { run: 1, id: 'a', name: '', age: 300, wrote: false, caller: null }
  pass(100)
  assert.equal(page.running?.caller, null)
  const caller = { client: '10.0.0.1:2', clientName: 'worker', user: 'app', args: ['evalsha', 'a'] }
  killer.run = { ...killer.run, caller }
  pass(100)
  assert.deepEqual(page.running?.caller, caller)
  assert.deepEqual(page.events, ['start', 'engine', 'engine'])
})

test('a page that takes nothing is cut off, and there are not too many', async (t) => {
  const { open, streams, join, pass } = setUp(t)
  const [stuck, ...others] = Array.from({ length: STREAMS_MAX }, join)
  assert.equal(streams.isFull, true)
  stuck!.isStuck = true
  const records = Array.from({ length: 1000 }, (_, i) => open(`script${i}`))
  for (let second = 0; second < 40; second++) {
    for (const record of records) record[CALLS]!++
    pass(1000)
  }
  assert.equal(stuck!.destroyed, true)
  assert.ok(others.every((page) => !page.destroyed && page.events.length === 41))
  await once(stuck!, 'close')
  assert.equal(streams.isFull, false)
})

test('a page that is gone loses its place, however little it was sent', (t) => {
  const { streams, join, pass } = setUp(t)
  const [stuck, ...others] = Array.from({ length: STREAMS_MAX }, join)
  stuck!.isStuck = true
  const seconds = (count: number) => {
    for (let i = 0; i < count; i++) pass(1000)
  }
  seconds(STALLED_MS / 1000)
  assert.deepEqual([stuck!.destroyed, streams.isFull], [false, true])
  seconds(2)
  assert.deepEqual([stuck!.destroyed, streams.isFull], [true, false])
  const next = join()
  assert.equal(streams.isFull, true)
  seconds((2 * STALLED_MS) / 1000)
  assert.ok([next, ...others].every((page) => !page.destroyed))
})
