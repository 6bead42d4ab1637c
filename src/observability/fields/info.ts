/**
 * The text of INFO.
 */
import { SECTIONS } from './fields.ts'
import type { InfoSource } from './source.ts'

/** Sections by name, letters in either case; `default`, `all` and `everything` stand for several; none: the default ones. */
export function infoText(source: InfoSource, names: readonly string[]): string {
  source.gather()
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  const all = wanted.has('all') || wanted.has('everything')
  const defaults = names.length === 0 || wanted.has('default')
  return SECTIONS.filter(
    (s) => all || wanted.has(s.name) || (defaults && s.isDefault) || isModules(s.name, wanted),
  )
    .map((s) => [`# ${s.title}`, ...s.lines(source)].map((line) => `${line}\r\n`).join(''))
    .join('\r\n')
}

/** `modules` asks for the list of modules and what they report; there are none. */
function isModules(section: string, wanted: ReadonlySet<string>): boolean {
  return section === 'module_list' && wanted.has('modules')
}
