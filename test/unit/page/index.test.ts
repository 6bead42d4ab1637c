/**
 * The document of the page.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const FOLDER = join(import.meta.dirname, '../../../src/page')

test('asks for all modules at once, not for each when another mentions it', () => {
  const asked = [
    ...readFileSync(join(FOLDER, 'index.html'), 'utf8').matchAll(
      /rel="modulepreload" href="\/page\/(\w+)\.js"/g,
    ),
  ].map((match) => match[1]!)
  const modules = readdirSync(FOLDER).flatMap((name) => /^(\w+)\.ts$/.exec(name)?.[1] ?? [])
  assert.deepEqual(
    asked.toSorted(),
    modules.filter((name) => name !== 'page'),
  )
})
