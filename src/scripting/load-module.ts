/** Reads and compiles the module the build made. The only file here that reads files. */
import { readFileSync } from 'node:fs'
import { type WasmModule, wasm } from './webassembly.ts'

/** From `src/scripting` and from `dist/scripting` alike. */
const MODULE_URL = new URL('../../wasm/perilune.wasm', import.meta.url)

export function loadModule(): WasmModule {
  let bytes: Buffer
  try {
    bytes = readFileSync(MODULE_URL)
  } catch {
    throw new Error(`${MODULE_URL.pathname} is missing: build it with \`make\` or \`node native/build.mjs\``)
  }
  return new wasm.Module(bytes)
}
