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

/** Reported (INFO), refused (startup), or named in passing; that is no effect. */
const ONLY_NAMED: Readonly<Record<string, readonly string[]>> = {
  'main/startup-config.ts': ['tls-port', 'cluster-enabled', 'replicaof', 'aclfile', 'rdma-port', 'rdma-bind'],
  'main/process-title.ts': ['tls-port'],
  '': ['save'],
  'observability/': ['repl-backlog-size'],
}

/** The sources outside the configuration that read a directive. */
function readers(name: string): string[] {
  const escaped = name.replaceAll('-', '\\-')
  const quoted = new RegExp(`\\[['"]${escaped}['"]\\]|'${escaped}'`)
  const property = new RegExp(
    `\\b(?:config|settings|values|limits|given)\\??\\.${escaped}\\b|\\b${escaped}\\b[^=;]*\\} = `,
  )
  return files
    .filter(({ text }) => quoted.test(text) || (!name.includes('-') && property.test(text)))
    .map((f) => f.name)
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('config/'))
  .map((name) => ({ name, text: readFileSync(join(SOURCE, name), 'utf8') }))

test('directives with an effect are read somewhere', () => {
  const unread = Object.keys(EFFECTIVE_DIRECTIVES).filter((name) => readers(name).length === 0)
  assert.deepEqual(unread, [])
})

test('directives without effect are read nowhere', () => {
  const read = Object.keys(INERT_DIRECTIVES).flatMap((name) =>
    readers(name)
      .filter(
        (file) =>
          !Object.entries(ONLY_NAMED).some(([at, names]) => file.startsWith(at) && names.includes(name)),
      )
      .map((file) => `${name}: ${file}`),
  )
  assert.deepEqual(read, [])
})
