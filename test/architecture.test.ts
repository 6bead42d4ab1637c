/**
 * The direction of dependencies, proved from the import statements: each layer may import those below it, and only a few
 * files may touch sockets, files and threads.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const ROOT = resolve(import.meta.dirname, '..')
const SOURCE = join(ROOT, 'src')

/** What the files of a layer may import beside those of their own. */
const LEAVES = ['errors', 'version', 'system-error', 'control-block', 'soon']
const DATA = ['keyspace', 'types', 'memory']
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  main: [
    'serialization',
    'net',
    'engine',
    'acl',
    'commands',
    'cluster',
    ...DATA,
    'protocol',
    'scripting',
    'observability',
    'counting',
    'config',
    'log',
    ...LEAVES,
  ],
  net: ['engine', 'commands', ...DATA, 'protocol', 'config', 'log', ...LEAVES],
  engine: [
    'acl',
    'commands',
    'cluster',
    ...DATA,
    'protocol',
    'scripting',
    'counting',
    'config',
    'log',
    ...LEAVES,
  ],
  acl: ['commands', 'keyspace', 'memory', 'config', ...LEAVES],
  commands: ['serialization', 'cluster', ...DATA, 'protocol', 'config', ...LEAVES],
  scripting: ['memory', 'protocol', ...LEAVES],
  observability: ['counting', 'config', ...LEAVES],
  page: ['observability'],
  counting: [],
  serialization: [...DATA, ...LEAVES],
  keyspace: ['types', 'memory', 'cluster', ...LEAVES],
  types: ['memory', ...LEAVES],
  cluster: ['memory', 'config', ...LEAVES],
  protocol: ['memory'],
  memory: ['soon'],
  config: LEAVES,
  log: ['config'],
  errors: [],
  version: [],
  'system-error': [],
  'control-block': [],
  soon: [],
}

/** Modules of Node that reach out of the process. */
const OUTSIDE =
  /^(?:node:)?(?:net|fs|fs\/promises|worker_threads|http|https|http2|tls|dgram|child_process|cluster)$/

/** Who may import them. */
const MAY_REACH_OUT = [
  /^main\.ts$/,
  /^main\//,
  /^net\//,
  /^observability\/http\/(?:connections|messages|metrics-thread|worker)\.ts$/,
  /^observability\/page\/assets\.ts$/,
  /-worker\.ts$/,
  /^scripting\/load-module\.ts$/,
]

interface Import {
  readonly from: string
  readonly specifier: string
  /** The file that is meant, from SOURCE on; null for a package or a module of Node. */
  readonly target: string | null
}

/** A layer is a folder, or a file beside the folders. */
function layerOf(file: string): string {
  return file.split('/')[0]!.replace(/\.ts$/, '')
}

function sourceFiles(): string[] {
  const names = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts')).sort()
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCE, file), 'utf8')
  const statements = text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm)
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)
  return [...statements, ...dynamic].map((match) => {
    const specifier = match[1]!
    const target = specifier.startsWith('.')
      ? relative(SOURCE, resolve(SOURCE, dirname(file), specifier))
      : null
    return { from: file, specifier, target }
  })
}

/** The imports that are part of a circle, or lead from one to another. */
function circular(all: readonly Import[]): readonly Import[] {
  const importing = new Set(all.map(({ from }) => from))
  const imported = new Set(all.map(({ target }) => target))
  const left = all.filter(({ from, target }) => imported.has(from) && importing.has(target!))
  return left.length === all.length ? all : circular(left)
}

const imports = sourceFiles().flatMap(importsOf)

test('there are imports to look at', () => {
  assert.ok(imports.length > 100)
})

test('every layer is known', () => {
  const unknown = sourceFiles().filter((file) => !(layerOf(file) in ALLOWED))
  assert.deepEqual(unknown, [])
})

test('layers import only what lies below them', () => {
  const wrong = imports.filter(({ from, target }) => {
    if (target === null) return false
    const [here, there] = [layerOf(from), layerOf(target)]
    return here !== there && !ALLOWED[here]!.includes(there)
  })
  assert.deepEqual(wrong, [])
})

test('no files import each other in a circle, not even types', () => {
  assert.deepEqual(circular(imports), [])
})

test('a circle would be found, with what leads to it left out', () => {
  const arrows = ['a b', 'b c', 'c b', 'c d', 'd e', 'f f'].map((arrow) => arrow.split(' '))
  const all = arrows.map(([from, target]) => ({ from: from!, specifier: target!, target: target! }))
  assert.deepEqual(
    circular(all).map(({ from, target }) => `${from} ${target}`),
    ['b c', 'c b', 'f f'],
  )
})

test('imports name TypeScript files of this source tree', () => {
  const wrong = imports.filter(
    ({ target }) => target !== null && (!target.endsWith('.ts') || target.startsWith('..')),
  )
  assert.deepEqual(wrong, [])
})

test('few files reach out of the process', () => {
  const wrong = imports.filter(
    ({ from, specifier }) => OUTSIDE.test(specifier) && !MAY_REACH_OUT.some((allowed) => allowed.test(from)),
  )
  assert.deepEqual(wrong, [])
})

test('packages are imported by the metrics thread alone, and by the page', () => {
  const wrong = imports
    .filter(({ specifier, target }) => target === null && !specifier.startsWith('node:'))
    .filter(({ from }) => !from.startsWith('observability/') && from !== 'page/charts.ts')
  assert.deepEqual(wrong, [])
})

test('the page, which runs in browsers, takes nothing of the server but the types of what they tell each other', () => {
  const wrong = imports
    .filter(({ from, specifier }) => layerOf(from) === 'page' && !specifier.startsWith('./'))
    .filter(({ specifier }) => !['uplot', '../observability/page/protocol.ts'].includes(specifier))
  assert.deepEqual(wrong, [])
  const values = sourceFiles()
    .filter((file) => layerOf(file) === 'page')
    .filter((file) =>
      /^import (?!type ).*from '(?:uplot|\.\.\/)/m.test(readFileSync(join(SOURCE, file), 'utf8')),
    )
  assert.deepEqual(values, [])
})

test('only scripting knows where the interpreter lies', () => {
  const wrong = sourceFiles().filter((file) => {
    if (layerOf(file) === 'scripting') return false
    return /['"`][^'"`]*(?:\bwasm\/|\.wasm\b)/.test(readFileSync(join(SOURCE, file), 'utf8'))
  })
  assert.deepEqual(wrong, [])
})

/** The one that is longer: its parts all work on the same arrays for each chunk, and it is to be split with care. */
const LONG = ['src/memory/arena.ts']

test('files stay small enough to be read, whatever they are for', () => {
  const files = ['src', 'test', 'bench', 'native'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  const long = files
    .filter((file) => /\.(?:ts|mjs|css|c|h)$/.test(file))
    .filter((file) => readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n').length > 400)
  assert.deepEqual(long, LONG)
})
