/**
 * What runs now, for how long, and the button that ends it.
 */
import type { Caller, EngineState, KillOutcome, RunningNow } from '../observability/page/protocol.ts'
import { Confirm } from './confirm.ts'
import { button, byId, make, setText } from './dom.ts'
import { age, callerText, shortId, title } from './format.ts'
import { authorization } from './token.ts'

/** Without a sign of life for so long the engine is busy. */
const BUSY_AFTER_MS = 1500
const TICK_MS = 100

const KILLABLE = 'It has written nothing, and can be ended.'
const UNKILLABLE =
  'UNKILLABLE: it has written, and ending it would leave its work half done. It can be waited for; SHUTDOWN NOSAVE ends the ' +
  'whole server.'

const OUTCOMES: Readonly<Record<KillOutcome, string>> = {
  ended: 'ended.',
  over: 'had ended already.',
  unkillable: 'cannot be ended: it has written meanwhile.',
  pending: 'has not ended yet. It may be in a command that takes long.',
}

export class Now {
  private readonly place = byId('now')
  private readonly message = byId('message')
  private readonly what = make('p', 'what')
  private readonly elapsed = make('p', 'elapsed')
  private readonly caller = make('p', 'caller')
  private readonly note = make('p', 'note')
  private readonly kill = button('Kill', 'kill', () => void this.pressed())
  private readonly confirm = new Confirm()
  private state: EngineState = { silence: 0, running: null }
  private since = 0
  private asked = 0
  private isStale = false
  private readonly open: (id: string) => void

  constructor(open: (id: string) => void) {
    this.open = open
    this.note.setAttribute('role', 'status')
    this.place.append(make('div', 'state', this.what, this.caller, this.note), this.elapsed, this.kill)
    setInterval(() => this.tick(), TICK_MS)
    this.show(this.state)
  }

  show(state: EngineState): void {
    const { running } = state
    const isOther = running?.run !== this.state.running?.run
    // What was said of the last is not about this one.
    if (isOther && running !== null) setText(this.message, '')
    this.isStale = false
    this.state = state
    this.since = performance.now()
    const isBusy = running === null && state.silence > BUSY_AFTER_MS
    this.place.dataset.state = running !== null ? 'running' : isBusy ? 'busy' : 'idle'
    if (running === null) this.showNothing(isBusy)
    else if (isOther || this.what.childElementCount === 0) this.showScript(running)
    if (running !== null) this.showKill(running)
    this.showCaller(running?.caller ?? null)
    this.confirm.show(running)
    this.tick()
  }

  /** The server is not heard any more: what is shown is from before. */
  lost(): void {
    this.isStale = true
    this.kill.disabled = true
    this.confirm.lost()
  }

  private showNothing(isBusy: boolean): void {
    this.kill.hidden = true
    setText(this.what, isBusy ? 'The engine is busy' : 'No long-running script')
    setText(
      this.note,
      isBusy ? 'No script runs: a command takes its time. These figures are from before.' : '',
    )
  }

  private showScript(running: RunningNow): void {
    const link = button(title(running), 'link', () => this.open(running.id))
    this.what.replaceChildren(link, ' is running')
    if (running.name !== '') this.what.append(make('code', 'id', shortId(running.id)))
  }

  private showCaller(caller: Caller | null): void {
    if (caller === null) this.caller.replaceChildren()
    else this.caller.replaceChildren(`${callerText(caller)}: `, make('code', '', caller.args.join(' ')))
  }

  private showKill(running: RunningNow): void {
    const { run, wrote } = running
    const isAsked = this.asked === run
    this.kill.hidden = false
    this.kill.disabled = wrote || isAsked
    setText(this.kill, isAsked ? 'Ending…' : 'Kill')
    this.kill.setAttribute('aria-label', `Kill ${title(running)}`)
    setText(this.note, wrote ? UNKILLABLE : KILLABLE)
  }

  private tick(): void {
    if (this.isStale) return
    const { running, silence } = this.state
    const passed = performance.now() - this.since
    const isTimed = running !== null || this.place.dataset.state === 'busy'
    const text = isTimed ? age((running?.age ?? silence) + passed) : ''
    setText(this.elapsed, text)
    if (running !== null) this.confirm.showAge(text)
  }

  private async pressed(): Promise<void> {
    const { running } = this.state
    if (running !== null && (await this.confirm.ask(running))) await this.endIt(running)
  }

  private async endIt(running: RunningNow): Promise<void> {
    this.asked = running.run
    this.showKill(running)
    setText(this.message, `${title(running)} ${await request(running.run)}`)
    this.asked = 0
    if (this.state.running?.run === running.run) this.showKill(this.state.running)
  }
}

async function request(run: number): Promise<string> {
  try {
    const response = await fetch('/kill', {
      method: 'POST',
      headers: { ...authorization(), 'content-type': 'application/json', 'x-perilune-action': 'kill' },
      body: JSON.stringify({ run }),
    })
    const { outcome, error } = (await response.json()) as { outcome?: KillOutcome; error?: string }
    return outcome === undefined ? `was not ended: ${error ?? response.status}.` : OUTCOMES[outcome]
  } catch {
    return 'was not ended: the server does not answer.'
  }
}
