/**
 * Elements of the page.
 */

type Child = Node | string

/** The element of an id, which the document has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`no element ${id}`)
  return element as T
}

/** A new element with a class, and children: text is text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...children)
  return element
}

/** Writes a text where it is another than before. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A bar that shows a part of a whole: one element, as a table has hundreds of them. */
export function makeMeter(className: 'meter' | 'meter split'): HTMLElement {
  const meter = make('span', className)
  meter.setAttribute('aria-hidden', 'true')
  return meter
}

/** null: there is no whole. */
export function setShare(meter: HTMLElement, share: number | null): void {
  meter.classList.toggle('none', share === null)
  const width = `${(Math.min(1, Math.max(0, share ?? 0)) * 100).toFixed(1)}%`
  if (meter.style.getPropertyValue('--share') !== width) meter.style.setProperty('--share', width)
}

/** Resolves once the browser has painted what there is now. */
export function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
}

/** A button. */
export function button(
  label: string,
  className: string,
  onClick: (event: MouseEvent) => void,
): HTMLButtonElement {
  const element = make('button', className, label)
  element.type = 'button'
  element.addEventListener('click', onClick)
  return element
}
