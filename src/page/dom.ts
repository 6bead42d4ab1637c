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

/** A bar of so many parts of one whole. */
export function setShares(bar: HTMLElement, shares: readonly number[]): void {
  for (const [i, share] of shares.entries()) {
    const part = bar.children[i] as HTMLElement
    const width = `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%`
    if (part.style.inlineSize !== width) part.style.inlineSize = width
  }
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
