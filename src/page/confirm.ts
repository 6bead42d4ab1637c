/**
 * The question before a script is killed: which one, which run of it, and what becomes of what it did. Who opens it by
 * mistake leaves it by Enter or Escape.
 */
import type { RunningNow } from '../observability/page/protocol.ts'
import { byId, make, setText } from './dom.ts'
import { callerText, shortId, title } from './format.ts'

const KILLABLE =
  'It has written nothing so far, so no key is left half changed. Its caller is answered an error, and the server serves ' +
  'everybody again. If it writes before it is reached, it goes on, and what it wrote stays.'
const WROTE = 'It has written meanwhile, and cannot be killed any more: what it wrote stays.'
const OVER = 'It has ended by itself. There is nothing left to kill.'
const LOST = 'The server does not answer. What is shown is from before.'

export class Confirm {
  private readonly dialog = byId<HTMLDialogElement>('confirm')
  private readonly yes = byId<HTMLButtonElement>('confirm-yes')
  private readonly no = byId<HTMLButtonElement>('confirm-no')
  private readonly elapsed = make('dd')
  /** The run that is asked about. */
  private run = 0
  private answer: (isYes: boolean) => void = () => {}

  constructor() {
    // The event comes later than the end, when the next question may be there already.
    this.dialog.addEventListener('close', () => {
      if (!this.dialog.open) this.answer(this.dialog.returnValue === 'kill')
    })
    // The second click of a double click on the button behind is no answer.
    this.yes.addEventListener('click', (event) => {
      if (event.detail > 1) event.preventDefault()
    })
  }

  /** Resolves with the answer. */
  ask(running: RunningNow): Promise<boolean> {
    const { dialog } = this
    this.answer(false)
    this.run = running.run
    setText(byId('confirm-title'), `Kill ${title(running)}?`)
    byId('confirm-facts').replaceChildren(...this.facts(running))
    dialog.returnValue = ''
    this.show(running)
    dialog.showModal()
    this.no.focus()
    return new Promise((resolve) => {
      this.answer = resolve
    })
  }

  /** What runs now. */
  show(running: RunningNow | null): void {
    if (running?.run !== this.run) this.say(OVER, false)
    else this.say(running.wrote ? WROTE : KILLABLE, !running.wrote)
  }

  /** For how long it has been running. */
  showAge(text: string): void {
    setText(this.elapsed, text)
  }

  lost(): void {
    this.say(LOST, false)
  }

  private say(text: string, isKillable: boolean): void {
    setText(byId('confirm-text'), text)
    if (!isKillable && document.activeElement === this.yes) this.no.focus()
    this.yes.disabled = !isKillable
  }

  private facts({ id, run, caller }: RunningNow): HTMLElement[] {
    const facts: (readonly [string, HTMLElement])[] = [
      ['Script', make('dd', 'id', shortId(id))],
      ['Run number', make('dd', '', String(run))],
      ['Running for', this.elapsed],
    ]
    if (caller !== null) facts.push(['Called by', make('dd', '', callerText(caller))])
    return facts.map(([name, value]) => make('div', '', make('dt', '', name), value))
  }
}
