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
  assert.deepEqual(read('return 1'), { flags: COMPAT_MODE, length: 0 })
  assert.deepEqual(read('#!lua\nreturn 1'), { flags: 0, length: 5 })
  assert.deepEqual(read('#!lua flags=no-writes,allow-oom\n'), { flags: NO_WRITES | ALLOW_OOM, length: 31 })
  assert.deepEqual(read('#!lua flags=\nreturn 1'), { flags: 0, length: 12 })
  assert.equal(read('#!lua'), 'ERR Invalid script shebang')
  assert.equal(read('#!lua "\n'), 'ERR Invalid engine in script shebang')
  assert.equal(read('#!lua flags=fast\n'), 'ERR Unexpected flag in script shebang: fast')
  assert.equal(read('#!lua name=x\n'), 'ERR Unknown lua shebang option: name=x')
  assert.equal(read('#!python\n'), "ERR Could not find scripting engine 'python'")
})
