/**
 * Figures as text, short and of even width.
 */

import type { Caller } from '../observability/page/protocol.ts'

const DASH = '–'

/** Three digits that count: `0.12`, `1.23`, `12.3`, `123`. */
function digits(value: number): string {
  if (value === 0) return '0'
  if (value < 10) return value.toFixed(2)
  return value < 100 ? value.toFixed(1) : value.toFixed(0)
}

/** A duration in microseconds: `12.3 µs`, `4.56 ms`, `7.89 s`, `2 min 5 s`. */
export function duration(microseconds: number | null): string {
  if (microseconds === null) return DASH
  if (microseconds < 999.5) return `${digits(microseconds)} µs`
  if (microseconds < 999_500) return `${digits(microseconds / 1e3)} ms`
  if (microseconds < 99.95e6) return `${digits(microseconds / 1e6)} s`
  return span(microseconds / 1e6)
}

/** A long time in seconds, in its two largest units: `3 min 20 s`, `2 d 4 h`. */
export function span(seconds: number): string {
  const whole = Math.floor(seconds)
  const units: readonly [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ]
  const first = units.findIndex(([, size]) => whole >= size)
  if (first < 0) return '0 s'
  const parts = units.slice(first, first + 2).map(([unit, size], i) => {
    const count = i === 0 ? Math.floor(whole / size) : Math.floor((whole % units[first]![1]) / size)
    return `${count} ${unit}`
  })
  return parts.filter((part, i) => i === 0 || !part.startsWith('0 ')).join(' ')
}

/** `1.23 k`, `45.6 M`; small whole numbers as they are. */
export function count(value: number): string {
  if (value < 1000) return Number.isInteger(value) ? String(value) : digits(value)
  const units = ['k', 'M', 'G', 'T']
  let scaled = value / 1000
  let unit = 0
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  return `${digits(scaled)} ${units[unit]}`
}

/** A second. Less than one in a hundred seconds is none. */
export function rate(perSecond: number): string {
  return perSecond < 0.005 ? '0' : count(perSecond)
}

export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let scaled = value
  let unit = 0
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1024
    unit++
  }
  return `${unit === 0 ? scaled : digits(scaled)} ${units[unit]}`
}

export function percent(share: number): string {
  if (share === 0) return '0 %'
  return share < 0.001 ? '<0.1 %' : `${(share * 100).toFixed(1)} %`
}

/** `now`, `12 s ago`, `3 min ago`. */
export function ago(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 2) return 'now'
  return `${span(seconds).split(' ').slice(0, 2).join(' ')} ago`
}

/** The age of what runs: tenths of seconds, so that it is seen to go on. */
export function age(milliseconds: number): string {
  const seconds = milliseconds / 1000
  return seconds < 100 ? `${seconds.toFixed(1)} s` : span(seconds)
}

/** The first digits of a SHA; names of functions as they are. */
export function shortId(id: string): string {
  return /^[0-9a-f]{40}$/.test(id) ? id.slice(0, 12) : id
}

/** `127.0.0.1:50123, worker-1, user default` */
export function callerText({ client, clientName, user }: Omit<Caller, 'args'>): string {
  return [client, clientName, `user ${user}`].filter((part) => part !== '').join(', ')
}

/** What to call a script. */
export function title(script: { readonly id: string; readonly name: string }): string {
  return script.name === '' ? shortId(script.id) : script.name
}
