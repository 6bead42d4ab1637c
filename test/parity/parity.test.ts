/**
 * The same programs in WebAssembly and on this machine's processor, compiled from the same patched sources with the
 * system's C library: numbers, integers beyond 32 bits, formats, packing, JSON, patterns and the order of tables.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FakeServer } from '../unit/scripting/fake-server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url))
const NATIVE_LUA = join(ROOT, 'build', 'native', 'lua')

function hasCompiler(): boolean {
  try {
    execFileSync(process.env.CC || 'cc', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function isCurrent(): boolean {
  return (
    existsSync(NATIVE_LUA) &&
    statSync(NATIVE_LUA).mtimeMs > statSync(join(ROOT, 'wasm', 'perilune.wasm')).mtimeMs
  )
}

function runNative(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'perilune-parity-'))
  try {
    const file = join(folder, 'program.lua')
    writeFileSync(file, source, 'latin1')
    return execFileSync(NATIVE_LUA, [file], { maxBuffer: 1 << 28 }).toString('latin1')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const skip = process.arch === 'x64' && hasCompiler() ? false : 'needs a C compiler on x86-64'

test('Lua in WebAssembly and Lua on this machine', { skip }, async (t) => {
  let server: FakeServer
  before(() => {
    if (!isCurrent()) execFileSync(process.execPath, [join(ROOT, 'native', 'build.mjs'), '--native'])
    // Programs compare what pcall answers: the plain one, as the server's takes errors apart.
    server = new FakeServer()
  })
  after(() => server.close())
  for (const name of readdirSync(PROGRAMS)) {
    await t.test(name, () => {
      const source = readFileSync(join(PROGRAMS, name), 'latin1')
      const ours = server.bulk(source).split('\n')
      const theirs = runNative(source).split('\n')
      for (let i = 0; i < theirs.length; i++) assert.equal(ours[i], theirs[i], `line ${i + 1}`)
      assert.equal(ours.length, theirs.length)
    })
  }
})
