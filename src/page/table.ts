/**
 * The table of scripts.
 */
import type { ScriptRow } from '../observability/page/protocol.ts'
import { COLUMNS, type Column, isWanted, luaShare, sorted } from './columns.ts'
import { button, byId, make, makeMeter, painted, setShare, setText } from './dom.ts'
import { shortId } from './format.ts'

interface Shown {
  readonly element: HTMLTableRowElement
  readonly texts: readonly HTMLElement[]
  readonly time: HTMLElement
  readonly split: HTMLElement
}

/**
 * A browser takes its time for hundreds of rows: those come first for which a window may have room, soon afterwards some
 * more, and all when somebody asks for them.
 */
const FIRST_ROWS = 30
const MORE_ROWS = 100

const NONE_YET = 'No script has run yet. Each one that does will be listed here.'
const NONE_WANTED = 'No script has this in its name or SHA.'

const FIRST_SORTED = COLUMNS.find((column) => column.key === 'seconds')!

export class ScriptTable {
  private readonly rows = new Map<string, ScriptRow>()
  private readonly shown = new Map<string, Shown>()
  private readonly headers = new Map<Column, HTMLTableCellElement>()
  private readonly body = make('tbody')
  private readonly filter = byId<HTMLInputElement>('filter')
  private readonly select = byId<HTMLSelectElement>('sort')
  private column = FIRST_SORTED
  private isReversed = false
  private order: readonly string[] = []
  private hidden = 0
  /** The script that runs now, by id. */
  private running: string | undefined
  private readonly more = byId('more')
  private readonly empty = byId('empty')
  /** Rows that are drawn. */
  private limit = FIRST_ROWS
  private readonly open: (id: string) => void
  private readonly now: () => number

  constructor(open: (id: string) => void, now: () => number) {
    this.open = open
    this.now = now
    byId('table').append(make('thead', '', this.makeHeader()), this.body)
    this.filter.addEventListener('input', () => this.show())
    this.select.append(...COLUMNS.map(({ key, title }) => new Option(title, key)))
    this.select.addEventListener('change', () => this.sortBy(COLUMNS[this.select.selectedIndex]!, false))
    this.more.addEventListener('click', () => this.showAll())
    this.sortBy(this.column, false)
  }

  private showAll(): void {
    const next = this.order.length
    this.limit = Number.POSITIVE_INFINITY
    this.show()
    this.body.rows[next]?.querySelector('a')?.focus({ preventScroll: true })
  }

  start(rows: readonly ScriptRow[], hidden: number): void {
    const ids = new Set(rows.map((row) => row.id))
    this.update(
      rows,
      [...this.rows.keys()].filter((id) => !ids.has(id)),
      hidden,
    )
    if (this.limit === FIRST_ROWS) void this.showMore()
  }

  private async showMore(): Promise<void> {
    await painted()
    this.limit = Math.max(this.limit, MORE_ROWS)
    this.show()
  }

  update(changed: readonly ScriptRow[], gone: readonly string[], hidden: number): void {
    this.hidden = hidden
    for (const id of gone) {
      this.rows.delete(id)
      this.shown.get(id)?.element.remove()
      this.shown.delete(id)
    }
    for (const row of changed) this.rows.set(row.id, row)
    this.show()
  }

  /** Marks the script that runs now. */
  mark(running: string | undefined): void {
    if (running === this.running) return
    this.running = running
    for (const [id, { element }] of this.shown) element.classList.toggle('running', id === running)
  }

  private makeHeader(): HTMLTableRowElement {
    const cells = COLUMNS.map((column) => {
      const sort = button(column.title, '', () =>
        this.sortBy(column, this.column === column && !this.isReversed),
      )
      const cell = make('th', column.key, sort)
      cell.scope = 'col'
      cell.title = column.hint
      this.headers.set(column, cell)
      return cell
    })
    return make('tr', '', ...cells)
  }

  private sortBy(column: Column, isReversed: boolean): void {
    this.column = column
    this.isReversed = isReversed
    this.select.value = column.key
    for (const [other, cell] of this.headers) {
      if (other !== column) cell.removeAttribute('aria-sort')
      else {
        const isFalling = (column.key !== 'name') !== isReversed
        cell.setAttribute('aria-sort', isFalling ? 'descending' : 'ascending')
      }
    }
    this.show()
  }

  private show(): void {
    const wanted = [...this.rows.values()].filter((row) => isWanted(row, this.filter.value))
    const rows = sorted(wanted, this.column, this.isReversed)
    const total = rows.reduce((sum, row) => sum + row.seconds, 0)
    const now = this.now()
    const drawn = rows.filter((row, i) => i < this.limit || row.kind === 'other')
    for (const row of drawn) this.showRow(row, total, now)
    this.arrange(drawn)
    this.more.hidden = drawn.length === rows.length
    setText(this.more, `Show all ${rows.length}`)
    const all = this.rows.size - Number(this.rows.has('other'))
    const cut = this.hidden > 0 ? `, and ${this.hidden} that took less time` : ''
    setText(byId('scripts-count'), all === 0 ? '' : `${all}${cut}`)
    setText(this.empty, this.rows.size === 0 ? NONE_YET : NONE_WANTED)
    this.empty.hidden = rows.length > 0
    byId('table').hidden = rows.length === 0
  }

  /** Puts the rows into their order; what is there already is not touched, so that the focus stays where it is. */
  private arrange(rows: readonly ScriptRow[]): void {
    const order = rows.map((row) => row.id)
    if (order.length === this.order.length && order.every((id, i) => id === this.order[i])) return
    this.order = order
    const focused = document.activeElement
    this.body.replaceChildren(...order.map((id) => this.shown.get(id)!.element))
    if (focused instanceof HTMLElement && this.body.contains(focused)) focused.focus({ preventScroll: true })
  }

  private showRow(row: ScriptRow, total: number, now: number): void {
    let shown = this.shown.get(row.id)
    if (shown === undefined) {
      shown = this.makeRow(row)
      this.shown.set(row.id, shown)
    }
    for (const [i, column] of COLUMNS.entries()) setText(shown.texts[i]!, column.text(row, now))
    shown.element.classList.toggle('failing', row.errors > 0)
    setShare(shown.time, total === 0 ? 0 : row.seconds / total)
    setShare(shown.split, row.seconds === 0 ? null : luaShare(row))
  }

  private makeRow(row: ScriptRow): Shown {
    const time = makeMeter('meter')
    const split = makeMeter('meter split')
    const texts: HTMLElement[] = []
    const cells = COLUMNS.map(({ key, title }) => {
      const cell = make('td', key)
      cell.dataset.label = title
      const meter = key === 'seconds' ? time : key === 'split' ? split : undefined
      // Beside a bar the text has an element of its own.
      const text = meter === undefined ? cell : make('span', 'text')
      if (meter !== undefined) cell.append(text, meter)
      texts.push(text)
      return cell
    })
    this.makeName(cells[0]!, texts, row)
    const element = make('tr', row.kind, ...cells)
    element.classList.toggle('running', row.id === this.running)
    if (row.kind !== 'other') element.addEventListener('click', () => this.open(row.id))
    return { element, texts, time, split }
  }

  /** The name opens the script, for who uses the keyboard too. */
  private makeName(cell: HTMLTableCellElement, texts: HTMLElement[], row: ScriptRow): void {
    if (row.kind === 'other') return
    const link = make('a')
    link.href = `#script=${encodeURIComponent(row.id)}`
    texts[0] = link
    cell.append(link)
    // The column may have no room for all of it.
    cell.title = row.name === '' ? row.id : `${row.name} ${row.id}`
    if (row.name !== '') cell.append(make('code', 'id', shortId(row.id)))
  }
}
