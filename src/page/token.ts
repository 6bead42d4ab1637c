/**
 * The token of servers that ask for one. It comes from the address (`#token=...`, which is never sent, and is taken out of
 * the address bar) or from who sits there, and stays as long as the tab.
 */
import { valueIn } from './address.ts'
import { byId, setText } from './dom.ts'

const KEY = 'perilune-token'

let token = sessionStorage.getItem(KEY) ?? ''

export function takeTokenFromAddress(): void {
  const given = valueIn(location.hash, 'token')
  if (given === undefined) return
  keep(given)
  history.replaceState(null, '', location.pathname)
}

function keep(value: string): void {
  token = value
  sessionStorage.setItem(KEY, value)
}

export function authorization(): Record<string, string> {
  return token === '' ? {} : { authorization: `Bearer ${token}` }
}

/** Asks for the token; resolves when there is one to try. */
export function askForToken(): Promise<void> {
  const dialog = byId<HTMLDialogElement>('token')
  const value = byId<HTMLInputElement>('token-value')
  setText(byId('token-problem'), token === '' ? '' : 'That was not it.')
  value.value = ''
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(keep(value.value)), { once: true })
  })
}
