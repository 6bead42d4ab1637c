import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bytes } from '../../../src/memory/bytes.ts'
import { MAX_EVAL_SCRIPTS, type Script, ScriptCache } from '../../../src/scripting/script-cache.ts'
import { ALLOW_OOM, COMPAT_MODE, NO_WRITES, readShebang } from '../../../src/scripting/shebang.ts'

function script(text: string, evictable = true): Script {
  const described = ScriptCache.describe(Bytes.from(text), evictable)
  assert.ok(typeof described !== 'string', String(described))
  return described
}

test('finds a script by SHA in either case, and by its text', () => {
  const cache = new ScriptCache()
  const one = script("return 'Immabe a cached script'")
  assert.equal(one.sha, 'c664a3bf70bd1d45c4284ffebb65a6f2299bfc9f')
  cache.add(one)
  assert.equal(cache.bySha(Bytes.from(one.sha)), one)
  assert.equal(cache.bySha(Bytes.from(one.sha.toUpperCase())), one)
  assert.equal(cache.bySha(Bytes.from(one.sha.slice(1))), undefined)
  assert.equal(cache.bySha(Bytes.from(`${one.sha.slice(0, 39)}0`)), undefined)
  assert.equal(cache.byBody(Bytes.from("return 'Immabe a cached script'")), one)
  assert.equal(cache.byBody(Bytes.from("return 'Immabe a cached scripT'")), undefined)
})

test('beyond the limit the script unused for longest goes, those kept stay', () => {
  const cache = new ScriptCache()
  const kept = script('return 0', false)
  cache.add(kept)
  const all = Array.from({ length: MAX_EVAL_SCRIPTS }, (_, i) => script(`return ${i + 1}`))
  for (const one of all) assert.equal(cache.add(one), undefined)
  cache.bySha(Bytes.from(all[0]!.sha))
  cache.keep(all[2]!)
  assert.equal(cache.add(script('return -1')), undefined)
  assert.equal(cache.add(script('return -2'))?.sha, all[1]!.sha)
  assert.equal(cache.add(script('return -3'))?.sha, all[3]!.sha)
  for (const stays of [kept, all[0]!, all[2]!]) assert.equal(cache.bySha(Bytes.from(stays.sha)), stays)
  assert.equal(cache.evictions, 2)
  assert.equal(cache.size, MAX_EVAL_SCRIPTS + 2)
  cache.clear()
  assert.equal(cache.size, 0)
  assert.equal(cache.memory, 0)
})

test('reads shebangs', () => {
  const read = (text: string) => readShebang(Buffer.from(text))
  assert.deepEqual(read('return 1'), { flags: COMPAT_MODE, name: '', length: 0 })
  assert.deepEqual(read('#!lua\nreturn 1'), { flags: 0, name: '', length: 5 })
  assert.deepEqual(read('#!lua flags=no-writes,allow-oom\n'), {
    flags: NO_WRITES | ALLOW_OOM,
    name: '',
    length: 31,
  })
  assert.deepEqual(read('#!lua flags=\nreturn 1'), { flags: 0, name: '', length: 12 })
  assert.equal(read('#!lua'), 'ERR Invalid script shebang')
  assert.equal(read('#!lua "\n'), 'ERR Invalid engine in script shebang')
  assert.equal(read('#!lua flags=fast\n'), 'ERR Unexpected flag in script shebang: fast')
  assert.deepEqual(read('#!lua name=lock flags=no-writes\n'), { flags: NO_WRITES, name: 'lock', length: 31 })
  assert.equal(read('#!lua named=x\n'), 'ERR Unknown lua shebang option: named=x')
  assert.equal(read('#!python\n'), "ERR Could not find scripting engine 'python'")
})

test('a script is called what its first line says', () => {
  const named = (text: string) => (ScriptCache.describe(Bytes.from(text), true) as Script).name
  assert.equal(named('-- name: acquireLock\nreturn 1'), 'acquireLock')
  assert.equal(named('--name:a.b/c-d:e'), 'a.b/c-d:e')
  assert.equal(named('#!lua\n-- name: second\nreturn 1'), 'second')
  assert.equal(named('#!lua name=first\n-- name: second\nreturn 1'), 'first')
  for (const none of ['return 1', '-- names: x', '-- name: two words', 'return 1 -- name: x', '\n-- name: x'])
    assert.equal(named(none), '')
  assert.equal(named(`-- name: ${'x'.repeat(100)}`).length, 63)
})
