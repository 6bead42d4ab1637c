/**
 * All about one script: its figures, how it did over time, its text, and its last slow runs.
 */
import type { ScriptDetail, SlowRun, Trail } from '../observability/page/protocol.ts'
import { valueIn } from './address.ts'
import { Chart, durationAxis, numberAxis } from './charts.ts'
import { luaShare } from './columns.ts'
import { button, byId, make, makeMeter, setShare } from './dom.ts'
import { ago, bytes, callerText, count, duration, percent, shortId } from './format.ts'
import { get } from './stream.ts'

const REFRESH_MS = 5000
const CHART_HEIGHT = 160

const NOT_SEEN = 'It has not run since the server began to take notes.'
const FIRST_RUN = 'It runs for the first time: there is something to draw when this run has ended.'

type Facts = readonly (readonly [string, string])[]

export class Detail {
  private readonly dialog = byId<HTMLDialogElement>('detail')
  private readonly now: () => number
  private readonly facts = make('dl', 'facts')
  private readonly split = make('div', 'split-line')
  private readonly undeclared = make('p', 'undeclared')
  private readonly times = make('div', 'chart')
  private readonly runs = make('div', 'chart')
  private readonly slow = make('section', 'slow')
  private timer: number | undefined
  private charts: { readonly times: Chart; readonly runs: Chart } | undefined
  private id = ''

  constructor(now: () => number) {
    this.now = now
    this.dialog.addEventListener('close', () => this.closed())
    // A click beside it closes it.
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) this.dialog.close()
    })
    addEventListener('hashchange', () => this.followAddress())
  }

  /** Opens what the address names. */
  followAddress(): void {
    const id = valueIn(location.hash, 'script')
    if (id !== undefined) void this.show(id)
    else if (this.dialog.open) this.dialog.close()
  }

  open(id: string): void {
    location.hash = `#script=${encodeURIComponent(id)}`
  }

  private async show(id: string): Promise<void> {
    this.id = id
    clearInterval(this.timer)
    const [script, trail] = await this.read()
    if (this.id !== id) return
    if (script === undefined)
      this.dialog.replaceChildren(
        this.heading(shortId(id), 'It has no figures of its own, or is no longer cached.'),
      )
    else this.build(script, trail)
    if (!this.dialog.open) this.dialog.showModal()
    this.dialog.scrollTop = 0
    if (script === undefined) return
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS)
  }

  private closed(): void {
    clearInterval(this.timer)
    this.id = ''
    this.endCharts()
    this.dialog.replaceChildren()
    if (location.hash.startsWith('#script=')) history.replaceState(null, '', location.pathname)
  }

  private async read(): Promise<[ScriptDetail | undefined, Trail | undefined]> {
    const path = `/scripts/${encodeURIComponent(this.id)}`
    return Promise.all([get<ScriptDetail>(path), get<Trail>(`${path}/trail`)])
  }

  private async refresh(): Promise<void> {
    const { id } = this
    const [script, trail] = await this.read()
    if (this.id !== id || script === undefined) return
    this.showFigures(script)
    this.showTrail(trail)
  }

  private build(script: ScriptDetail, trail: Trail | undefined): void {
    const legend = make('span', 'legend', make('i', 'teal'), 'p50', make('i', 'blue'), 'p99')
    this.endCharts()
    this.showFigures(script)
    this.dialog.replaceChildren(
      this.heading(script.name || shortId(script.id), `${script.kind} ${script.id}`),
      this.facts,
      this.split,
      this.undeclared,
      make(
        'section',
        'charts',
        make('div', '', make('h3', '', 'Time of a run', legend), this.times),
        make('div', '', make('h3', '', 'Runs a second'), this.runs),
      ),
      this.source(script),
      this.slow,
    )
    this.times.replaceChildren(make('p', 'note', script.running === null ? NOT_SEEN : FIRST_RUN))
    this.showTrail(trail)
  }

  private showTrail(trail: Trail | undefined): void {
    if (trail === undefined) return
    const { time, p50, p99, runs } = trail
    if (this.charts === undefined) this.makeCharts()
    this.charts?.times.set([time, p50, p99])
    this.charts?.runs.set([time, runs])
  }

  private makeCharts(): void {
    this.times.replaceChildren()
    const lines = [
      { label: 'p50', color: '--teal' },
      { label: 'p99', color: '--blue' },
    ]
    const runs = [{ label: 'Runs', color: '--blue', filled: true }]
    const size = { height: CHART_HEIGHT }
    this.charts = {
      times: new Chart(this.times, { ...size, lines, axis: durationAxis, isLogarithmic: true }),
      runs: new Chart(this.runs, { ...size, lines: runs, axis: numberAxis }),
    }
  }

  private endCharts(): void {
    this.charts?.times.end()
    this.charts?.runs.end()
    this.charts = undefined
  }

  private heading(title: string, note: string): HTMLElement {
    const heading = make('h2', '', title)
    heading.id = 'detail-title'
    const close = button('Close', 'close', () => this.dialog.close())
    return make('header', '', heading, close, make('p', 'id', note))
  }

  private showFigures(script: ScriptDetail): void {
    const facts = factsOf(script, this.now())
    this.facts.replaceChildren(
      ...facts.map(([name, value]) => make('div', '', make('dt', '', name), make('dd', '', value))),
    )
    this.showSplit(script)
    this.showUndeclared(script.undeclaredKeys)
    this.showSlowRuns(script.slowRuns)
  }

  private showUndeclared(keys: readonly string[]): void {
    const shown = keys.flatMap((key) => [' ', make('code', '', key)])
    this.undeclared.replaceChildren(...(keys.length === 0 ? [] : ['The last keys not declared:', ...shown]))
  }

  private showSplit(script: ScriptDetail): void {
    const lua = luaShare(script)
    const meter = makeMeter('meter split')
    setShare(meter, script.seconds === 0 ? null : lua)
    const inLua = make('span', 'key lua', `In Lua ${duration(script.luaSeconds * 1e6)} (${percent(lua)})`)
    const inCommands = make(
      'span',
      'key commands',
      `In commands ${duration((script.seconds - script.luaSeconds) * 1e6)} (${percent(script.seconds === 0 ? 0 : 1 - lua)})`,
    )
    this.split.replaceChildren(meter, inLua, inCommands, make('p', 'note', lookedAt(script)))
  }

  private source({ source, sourceBytes }: ScriptDetail): HTMLElement {
    const section = make('section', 'source', make('h3', '', 'Source'))
    if (source === null) section.append(make('p', 'note', 'Not known here.'))
    else {
      const code = make('pre')
      code.tabIndex = 0
      code.append(...source.split('\n').map((line) => make('span', 'line', `${line}\n`)))
      section.append(code)
      if (sourceBytes !== null && sourceBytes > source.length) {
        section.append(make('p', 'note', `Cut: the whole has ${bytes(sourceBytes)}.`))
      }
    }
    return section
  }

  private showSlowRuns(runs: readonly SlowRun[]): void {
    this.slow.replaceChildren(make('h3', '', 'Last slow runs'))
    if (runs.length === 0) {
      this.slow.append(make('p', 'note', 'None took longer than slowlog-log-slower-than allows.'))
      return
    }
    const rows = runs.map((run) =>
      make(
        'li',
        '',
        make('span', 'took', duration(run.microseconds)),
        make('span', 'when', ago(this.now() - run.time * 1000)),
        make('span', 'client', callerText(run)),
        make('code', '', run.args.join(' ')),
      ),
    )
    this.slow.append(make('ol', '', ...rows))
  }
}

function factsOf(script: ScriptDetail, now: number): Facts {
  const { calls, lastRun, commands, keysOutside, luaPeakBytes, bytesIn, bytesOut, busy } = script
  return [
    ['Runs', count(calls)],
    ['Time spent', duration(script.seconds * 1e6)],
    ['Mean', duration(script.mean)],
    ['p50', duration(script.p50)],
    ['p90', duration(script.p90)],
    ['p99', duration(script.p99)],
    ['p99.9', duration(script.p999)],
    ['Max', duration(script.max)],
    ['Commands a run', calls === 0 ? '–' : count(Math.round((commands / calls) * 10) / 10)],
    ['Keys not declared', count(keysOutside)],
    ['Lua memory, peak', bytes(luaPeakBytes)],
    ['Bytes in', bytes(bytesIn)],
    ['Bytes out', bytes(bytesOut)],
    ['Late', count(busy)],
    ['Errors', counted(script.errors)],
    ['Kills', counted(script.kills)],
    ['Last run', lastRun === 0 ? 'never' : ago(now - lastRun)],
  ]
}

/** How much of the script's figures is measured, and how much is inferred. */
function lookedAt({ calls, profiled }: ScriptDetail): string {
  const runs = profiled === calls ? 'every run' : `${count(profiled)} of ${count(calls)} runs`
  const others = profiled === calls ? '' : ' The other runs are taken to be like those.'
  return (
    `The time in commands was measured in ${runs}, and so was which keys commands used ` +
    `that the caller had not declared (KEYS).${others}`
  )
}

/** `3 ERR, 1 OOM` */
function counted(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, times]) => times > 0)
  return parts.length === 0 ? '0' : parts.map(([name, times]) => `${count(times)} ${name}`).join(', ')
}
