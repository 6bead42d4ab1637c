import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const FOLDER = join(import.meta.dirname, '../../../src/page')
const CHARTS = 'uPlot.esm.js'

test('asks for the few files that the build makes of these', () => {
  const html = readFileSync(join(FOLDER, 'index.html'), 'utf8')
  const asked = [...html.matchAll(/(?:href|src)="\/page\/([^"]+)"/g)].map((match) => match[1]!)
  assert.deepEqual(asked.toSorted(), ['icon.svg', 'page.css', 'page.js', CHARTS].toSorted())
  for (const name of asked.filter((one) => one !== CHARTS))
    assert.ok(existsSync(join(FOLDER, name.replace(/\.js$/, '.ts'))), name)
})
