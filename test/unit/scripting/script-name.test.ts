import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bytes } from '../../../src/memory/bytes.ts'
import { ScriptCache } from '../../../src/scripting/script-cache.ts'
import { NAME_MAX } from '../../../src/scripting/script-name.ts'

/** What the server calls a script of these bytes. */
function nameOf(text: string | Buffer): string {
  const script = ScriptCache.describe(new Bytes(Buffer.from(text)), true)
  assert.notEqual(typeof script, 'string')
  return (script as { name: string }).name
}

/** In a comment, behind a shebang, in the shebang. */
const FORMS = [
  (name: string) => `-- name: ${name}\nreturn 1`,
  (name: string) => `#!lua\n--- name:${name}  \nreturn 1`,
  (name: string) => `#!lua name=${name}\nreturn 1`,
]

test('names are words of printable characters, wherever they stand', () => {
  for (const form of FORMS) {
    for (const name of ['acquireLock', 'a/b:c.d-e_f', 'größe', '数える', 'a$b{c}', '🔒']) {
      assert.equal(nameOf(form(name)), name)
    }
  }
})

test('what is no such word is no name, wherever it stands', () => {
  for (const form of FORMS) {
    for (const name of ['', 'a\u0001b', 'a\u202eb', 'a\u00a0b', 'a\u200bb', 'a\u0085b']) {
      assert.equal(nameOf(form(name)), '', JSON.stringify(name))
    }
    assert.equal(nameOf(Buffer.from(form('a\xffb'), 'latin1')), '')
  }
  assert.equal(nameOf('-- name: two words\nreturn 1'), '')
  assert.equal(nameOf('#!lua name="two words"\nreturn 1'), '')
  assert.equal(nameOf('return 1\n-- name: late'), '')
})

test('of long names whole characters are kept', () => {
  for (const form of FORMS) {
    assert.equal(nameOf(form('x'.repeat(NAME_MAX + 1))), 'x'.repeat(NAME_MAX))
    assert.equal(nameOf(form('ü'.repeat(NAME_MAX))), 'ü'.repeat(Math.floor(NAME_MAX / 2)))
  }
})
