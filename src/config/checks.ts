/**
 * What the text of a directive must look like, beyond its type.
 */
import { InvalidValue } from './types.ts'

export const PORT_MAX = 65535

const HOST_NAME_MAX = 256

/** Characters that Valkey's cluster messages cannot carry in a node's name. */
const NOT_IN_NODE_NAME = /[!#$%&()*+;<>?@[\]^{|}~]/
const TEMPLATE_VARIABLES = [
  'title',
  'listen-addr',
  'server-mode',
  'config-file',
  'port',
  'tls-port',
  'unixsocket',
]

export function anything(): void {}

export function notEmpty(directive: string) {
  return (text: string): void => {
    if (text === '') throw new InvalidValue(`${directive} can't be empty`)
  }
}

/** Nothing, or what cannot be guessed. */
export function secret(directive: string, least: number) {
  return (text: string): void => {
    if (text !== '' && text.length < least)
      throw new InvalidValue(`${directive} must have at least ${least} characters`)
  }
}

/** A name without a path. */
export function fileName(directive: string, kind = 'filename') {
  return (text: string): void => {
    notEmpty(directive)(text)
    if (/[/\\]/.test(text)) throw new InvalidValue(`${directive} can't be a path, just a ${kind}`)
  }
}

export function hostName(text: string): void {
  if (text.length >= HOST_NAME_MAX) {
    throw new InvalidValue(`Hostnames must be less than ${HOST_NAME_MAX} characters`)
  }
  if (!/^[A-Za-z0-9.-]*$/.test(text)) {
    throw new InvalidValue('Hostnames may only contain alphanumeric characters, hyphens or dots')
  }
}

export function nodeName(text: string): void {
  if (NOT_IN_NODE_NAME.test(text)) {
    throw new InvalidValue('Announced human node name contained invalid character')
  }
}

export function ipv4(text: string): void {
  if (text !== '' && !isIPv4(text)) throw new InvalidValue('Invalid IPv4 address')
}

export function ipv6(text: string): void {
  if (text !== '' && !isIPv6(text)) throw new InvalidValue('Invalid IPv6 address')
}

export function isIPv4(text: string): boolean {
  const parts = text.split('.')
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)
  )
}

export function isIPv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  let groups = 0
  for (const [i, half] of halves.entries()) {
    if (half === '') continue
    const parts = half.split(':')
    for (const [j, part] of parts.entries()) {
      const last = i === halves.length - 1 && j === parts.length - 1
      if (last && part.includes('.') && isIPv4(part)) groups += 2
      else if (/^[0-9a-f]{1,4}$/i.test(part)) groups++
      else return false
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8
}

export function notBothSaves(words: readonly string[]): void {
  if (words.includes('save') && words.includes('nosave')) {
    throw new InvalidValue("shutdown options SAVE and NOSAVE can't be used simultaneously")
  }
}

/** `{title} {listen-addr}`; a doubled brace stands for itself. */
export function titleTemplate(text: string): void {
  if (!isTitleTemplate(text))
    throw new InvalidValue('template format is invalid or contains unknown variables')
}

function isTitleTemplate(text: string): boolean {
  if (text === '') return false
  for (let p = text.indexOf('{'); p >= 0; p = text.indexOf('{', p)) {
    if (text[p + 1] === '{') {
      p += 2
      continue
    }
    const end = text.indexOf('}', p)
    if (end < 0 || !TEMPLATE_VARIABLES.includes(text.slice(p + 1, end))) return false
    p = end + 1
  }
  return true
}
