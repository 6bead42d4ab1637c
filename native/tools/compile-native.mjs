/** Compiles the patched Lua for this machine, for the parity test. */
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD, fail, hasProgram, NATIVE, run } from './shell.mjs'

export function compileNative(manifest, lua) {
  const compiler = process.env.CC || 'cc'
  if (!hasProgram(compiler) && !compiler.includes('/'))
    fail(`${compiler} is needed: apt-get install gcc libc6-dev`)
  const folder = join(BUILD, 'native')
  const output = join(folder, 'lua')
  const source = join(NATIVE, 'src')
  mkdirSync(folder, { recursive: true })
  const definitions = ['-DLUA_ANSI', '-DENABLE_CJSON_GLOBAL', '-DREDIS_STATIC=']
  const includes = ['-include', join(source, 'prefix.h'), `-I${lua}`, `-I${source}`]
  const files = [...manifest.upstream.map((name) => join(lua, name)), join(NATIVE, 'parity', 'main.c')]
  const fresh = `${output}.${process.pid}`
  run(compiler, ['-O2', '-w', ...definitions, ...includes, ...files, '-lm', '-o', fresh])
  renameSync(fresh, output)
  return output
}
