/**
 * Builds wasm/perilune.wasm: fetches and verifies the sources, applies the distribution's security patches and ours,
 * compiles. Run by `node native/build.mjs`; does nothing when its result is up to date.
 *
 *   PERILUNE_REDIS_SOURCE   an unpacked source tree of the package, used instead of the download
 *   EMCC                    another emcc
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileNative } from './tools/compile-native.mjs'
import { compileWasm, LINK_FLAGS } from './tools/compile-wasm.mjs'
import { findEmcc } from './tools/emcc.mjs'
import { hashOf, hashOfFiles, listFiles } from './tools/hashes.mjs'
import { patchSources } from './tools/patches.mjs'
import { BUILD, fail, NATIVE, ROOT, step, writeWhole } from './tools/shell.mjs'
import { provideSources } from './tools/sources.mjs'

const WASM = join(ROOT, 'wasm')
const WASM_FILE = join(WASM, 'perilune.wasm')
const INFO_FILE = join(WASM, 'build-info.json')

/** The name of the custom section that tells a loaded module how it was built. */
const INFO_SECTION = 'perilune.build'

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Everything the result depends on, short of the machine's compiler. */
function hashOfInputs() {
  const files = listFiles(NATIVE)
  return hashOf(hashOfFiles(NATIVE, files), process.env.PERILUNE_REDIS_SOURCE ?? '', process.env.EMCC ?? '')
}

function isUpToDate(inputs) {
  if (!existsSync(WASM_FILE) || !existsSync(INFO_FILE)) return false
  const info = readJson(INFO_FILE)
  return info.inputs === inputs && info.sha256 === hashOf(readFileSync(WASM_FILE))
}

/** Appends a custom section: a zero byte, the section's length, the name with its length, the content. */
function withSection(wasm, name, text) {
  const content = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from(text)])
  const length = []
  for (let rest = content.length; ; rest >>>= 7) {
    if (rest < 128) {
      length.push(rest)
      break
    }
    length.push((rest & 127) | 128)
  }
  return Buffer.concat([wasm, Buffer.from([0, ...length]), content])
}

async function buildWasm() {
  const inputs = hashOfInputs()
  if (isUpToDate(inputs)) {
    step('wasm/perilune.wasm is up to date')
    return
  }
  const manifest = readJson(join(NATIVE, 'sources.json'))
  const source = provideSources(manifest)
  const patched = patchSources(manifest, source)
  const emcc = findEmcc()
  const compiled = await compileWasm(emcc, manifest, patched.folder)
  const info = {
    lua: 'Lua 5.1.5',
    package: manifest.package,
    packageVersion: source.version,
    patches: patched.names,
    emcc: emcc.version,
    flags: LINK_FLAGS.join(' '),
    flagsHash: hashOf(LINK_FLAGS.join(' ')).slice(0, 16),
  }
  const wasm = withSection(compiled, INFO_SECTION, JSON.stringify(info))
  if (!WebAssembly.validate(wasm)) fail('the compiler made an invalid module')
  mkdirSync(WASM, { recursive: true })
  writeWhole(WASM_FILE, wasm)
  writeWhole(INFO_FILE, `${JSON.stringify({ ...info, sha256: hashOf(wasm), inputs }, null, 2)}\n`)
  step(
    `wrote wasm/perilune.wasm, ${(wasm.length / 1024).toFixed(0)} KiB, ${info.packageVersion}, ${emcc.version}`,
  )
}

/** Lua of the same sources for this machine, which the parity test compares with: `node native/build.mjs --native`. */
function buildNative() {
  const manifest = readJson(join(NATIVE, 'sources.json'))
  const patched = patchSources(manifest, provideSources(manifest))
  step(`wrote ${compileNative(manifest, patched.folder)}`)
}

mkdirSync(BUILD, { recursive: true })
if (process.argv.includes('--native')) buildNative()
else await buildWasm()
