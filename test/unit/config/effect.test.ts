/**
 * Whether a directive has an effect is written in the tables; here it is held against the sources.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { EFFECTIVE_DIRECTIVES } from '../../../src/config/effective-directives.ts'
import { INERT_DIRECTIVES } from '../../../src/config/inert-directives.ts'

const SOURCE = join(import.meta.dirname, '../../../src')

/** Read to refuse a start, to warn, or in passing; that is no effect. By file; the empty name stands for all. */
const ONLY_NAMED: Readonly<Record<string, readonly string[]>> = {
  'commands/absent.ts': ['replicaof'],
  'main.ts': ['maxmemory'],
  'main/startup-config.ts': ['replicaof', 'rdma-port', 'rdma-bind', 'appendonly'],
  '': ['save'],
}

/** What INFO and the metrics show is no effect either, unless to be shown is all a directive is for. */
const SHOWN = new Set([
  'availability-zone',
  'latency-tracking-info-percentiles',
  'metrics-port',
  'metrics-bind',
  'script-metrics-max-labels',
])

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('config/') && name !== 'errors.ts')
  .map((name) => ({ name, text: readFileSync(join(SOURCE, name), 'utf8') }))

/** The sources that look at a directive to do something. */
function readers(directive: string): string[] {
  const quoted = new RegExp(`'${directive}'`)
  const property = new RegExp(
    `\\b(?:config|settings|values|limits)\\??\\.${directive}\\b|\\b${directive}\\b[^=;]*\\} = `,
  )
  return files
    .filter(({ text }) => quoted.test(text) || (!directive.includes('-') && property.test(text)))
    .map((file) => file.name)
    .filter((file) => SHOWN.has(directive) || !file.startsWith('observability/'))
    .filter((file) => !(ONLY_NAMED[file] ?? []).includes(directive) && !ONLY_NAMED['']!.includes(directive))
}

test('directives with an effect are read somewhere', () => {
  const unread = Object.keys(EFFECTIVE_DIRECTIVES).filter((name) => readers(name).length === 0)
  assert.deepEqual(unread, [])
})

test('directives without effect are read nowhere', () => {
  const read = Object.keys(INERT_DIRECTIVES).flatMap((name) =>
    readers(name).map((file) => `${name}: ${file}`),
  )
  assert.deepEqual(read, [])
})

test('the README names the directives that have an effect', () => {
  const text = readFileSync(join(SOURCE, '../README.md'), 'utf8')
  const list = /<!-- effective directives -->\n([\s\S]*?)<!-- end -->/.exec(text)?.[1] ?? ''
  const named = [...list.matchAll(/`([a-z0-9-]+)`/g)].map((match) => match[1]!)
  assert.deepEqual(named, Object.keys(EFFECTIVE_DIRECTIVES).sort())
})
