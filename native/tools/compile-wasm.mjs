/** Compiles everything and links the module, optimised as a whole. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { fail, NATIVE, step, workFolder } from './shell.mjs'

const SRC = join(NATIVE, 'src')

const FEATURES = ['-mnontrapping-fptoint', '-msign-ext', '-mbulk-memory', '-matomics']

export const COMPILE_FLAGS = ['-O3', '-flto', ...FEATURES, '-sSUPPORT_LONGJMP=0']

/** Linear memory: what the module needs at least, and how much a host may give it at most (2 GiB). */
const PAGE = 65536
const INITIAL_MEMORY = 64 * PAGE
const MAX_MEMORY = 32768 * PAGE
/** C functions' local variables; what they call with is on the host's own stack. */
const STACK = 2 * 1024 * 1024

export const LINK_FLAGS = [
  ...COMPILE_FLAGS,
  '--no-entry',
  '-sERROR_ON_UNDEFINED_SYMBOLS=0',
  '-sWARN_ON_UNDEFINED_SYMBOLS=0',
  `-sTOTAL_STACK=${STACK}`,
  `-sINITIAL_MEMORY=${INITIAL_MEMORY}`,
  // The host never lets it grow; this only lets the host say how large it is.
  '-sALLOW_MEMORY_GROWTH=1',
  `-sMAXIMUM_MEMORY=${MAX_MEMORY}`,
  // The objects of the C library were compiled without atomics, hence no check of features. The stack comes first, so
  // that its overflow is a trap and overwrites nothing.
  '-Wl,--shared-memory,--import-memory,--no-check-features,--stack-first',
]

/** Upstream's code is not ours to warn about; its assertions would put the names of folders into the module. */
const UPSTREAM_FLAGS = ['-w', '-DNDEBUG', '-DLUA_ANSI', '-DENABLE_CJSON_GLOBAL', '-DREDIS_STATIC=']
const OWN_FLAGS = ['-Wall', '-Wextra']

function start(emcc, args) {
  return new Promise((resolve) => {
    const child = spawn(emcc.path, args, { env: emcc.env })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => fail(`${emcc.path}: ${error.message}`))
    child.on('close', (status) => {
      if (status !== 0) fail(`${emcc.path} ${args.join(' ')}\n${output}`)
      if (output.trim() !== '') process.stderr.write(output)
      resolve()
    })
  })
}

/** One entry a file: its arguments for the compiler. */
function jobs(manifest, lua, objects) {
  const object = (file) => join(objects, `${basename(file)}.o`)
  const include = ['-include', join(SRC, 'prefix.h'), `-I${lua}`, `-I${SRC}`]
  const upstream = manifest.upstream.map((name) => {
    const file = join(lua, name)
    return [...COMPILE_FLAGS, ...UPSTREAM_FLAGS, ...include, '-c', file, '-o', object(file)]
  })
  const own = readdirSync(SRC).map((name) => {
    const file = join(SRC, name)
    if (name.endsWith('.cpp'))
      return ['-O2', '-fwasm-exceptions', '-fno-rtti', '-c', file, '-o', object(file)]
    if (name === 'exceptions-runtime.c') return ['-O2', '-c', file, '-o', object(file)]
    if (!name.endsWith('.c')) return undefined
    return [...COMPILE_FLAGS, ...OWN_FLAGS, ...include, '-c', file, '-o', object(file)]
  })
  return [...upstream, ...own.filter((job) => job !== undefined)]
}

/** Returns the module's bytes. */
export async function compileWasm(emcc, manifest, lua) {
  const objects = workFolder('objects')
  const waiting = jobs(manifest, lua, objects)
  step(`compiling ${waiting.length} files with ${emcc.version}`)
  const worker = async () => {
    for (let job = waiting.pop(); job !== undefined; job = waiting.pop()) await start(emcc, job)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  step('linking, with optimisation of the whole program')
  const output = join(workFolder('linked'), 'perilune.wasm')
  const files = readdirSync(objects)
    .sort()
    .map((name) => join(objects, name))
  await start(emcc, [...files, ...LINK_FLAGS, '-o', output])
  return readFileSync(output)
}
