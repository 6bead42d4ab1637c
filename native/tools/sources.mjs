/**
 * The sources: the distribution's source package, fetched by apt from the machine's own mirror with its own keys, so that
 * apt verifies the signatures; the upstream tarball is pinned by its hash besides. Nothing of the system is changed and no
 * root is needed: apt's lists and files are in the build folder.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { hashOf } from './hashes.mjs'
import { BUILD, fail, hasProgram, run, step, workFolder } from './shell.mjs'

const DOWNLOADS = join(BUILD, 'source')
const DEFAULT_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** A mirror may be busy for a moment. */
const ATTEMPTS = 3

/** Entries of sources.list (one line each) and *.sources (fields) as {uri, suites, keyring}. */
function readSourceLists() {
  const entries = []
  const folder = '/etc/apt/sources.list.d'
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  for (const file of ['/etc/apt/sources.list', ...files].filter((name) => existsSync(name))) {
    const text = readFileSync(file, 'utf8')
    if (file.endsWith('.sources')) {
      for (const stanza of text.split(/\n\s*\n/)) {
        const field = (name) => stanza.match(new RegExp(`^${name}:\\s*(.+)$`, 'im'))?.[1].trim()
        const uri = field('URIs')?.split(/\s+/)[0]
        if (uri !== undefined)
          entries.push({ uri, suites: field('Suites') ?? '', keyring: field('Signed-By') })
      }
    } else if (file.endsWith('.list')) {
      for (const line of text.split('\n')) {
        const match = line.match(/^deb(?:-src)?\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/)
        const keyring = match?.[1]?.match(/signed-by=(\S+)/)?.[1]
        if (match) entries.push({ uri: match[2], suites: match[3], keyring })
      }
    }
  }
  return entries.filter((entry) => /^https?:/.test(entry.uri))
}

/** The lines of a private sources.list for the wanted suites, on the mirrors this machine uses. */
function sourceLines(suites) {
  const entries = readSourceLists()
  const isSecurity = (entry) => /security/.test(entry.uri) || /-security/.test(entry.suites)
  const main = entries.find((entry) => !isSecurity(entry) && /debian/.test(entry.uri))
  const security = entries.find(isSecurity)
  if (main === undefined) {
    fail(
      'apt names no mirror of Debian on this machine: name a source tree of Redis 7.0.15 in PERILUNE_REDIS_SOURCE',
    )
  }
  const mirror = main.uri
  const securityMirror = security?.uri ?? mirror.replace(/debian\/?$/, 'debian-security')
  const keyring = main.keyring ?? DEFAULT_KEYRING
  const signed = keyring.startsWith('/') ? keyring : DEFAULT_KEYRING
  return suites.map((suite) => {
    const uri = suite.endsWith('-security') ? securityMirror : mirror
    return `deb-src [signed-by=${signed}] ${uri} ${suite} main\n`
  })
}

function aptOptions() {
  const options = {
    'Dir::Etc::sourcelist': join(DOWNLOADS, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(DOWNLOADS, 'lists'),
    'Dir::Cache': join(DOWNLOADS, 'cache'),
    'APT::Get::List-Cleanup': '0',
    // The files are the caller's own: there is no other user to become.
    'APT::Sandbox::User': '',
  }
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

function download(manifest) {
  if (!hasProgram('apt-get')) {
    fail(
      `the sources of ${manifest.package} ${manifest.version} are needed. Install apt (on Debian), or unpack the source ` +
        'package and set PERILUNE_REDIS_SOURCE to its folder.',
    )
  }
  mkdirSync(join(DOWNLOADS, 'lists', 'partial'), { recursive: true })
  mkdirSync(join(DOWNLOADS, 'cache'), { recursive: true })
  writeFileSync(join(DOWNLOADS, 'sources.list'), sourceLines(manifest.suites).join(''))
  for (let attempt = 1; ; attempt++) {
    step(`fetching the source package ${manifest.package} ${manifest.version}`)
    const options = { cwd: DOWNLOADS, allowFailure: true }
    const update = run('apt-get', [...aptOptions(), 'update', '-qq'], options)
    const source = run(
      'apt-get',
      [...aptOptions(), 'source', '-qq', '--download-only', manifest.package],
      options,
    )
    if (source.status === 0) return
    if (attempt === ATTEMPTS) {
      fail(
        `apt-get could not fetch the source package:\n${update.stderr}${source.stderr}` +
          'Without a network, unpack the source package and set PERILUNE_REDIS_SOURCE to its folder.',
      )
    }
  }
}

function verify(file, wanted, origin) {
  const found = hashOf(readFileSync(file))
  if (found !== wanted) {
    fail(
      `${basename(file)} has the SHA-256 ${found}, ${origin} says ${wanted}. Remove the file and build again.`,
    )
  }
}

/** The newest description of the package among what was downloaded, with the hash of its Debian part. */
function readDescription(manifest) {
  const names = existsSync(DOWNLOADS) ? readdirSync(DOWNLOADS) : []
  const pattern = new RegExp(`^${manifest.package}_${manifest.version.replaceAll('.', '\\.')}-.*\\.dsc$`)
  const file = names
    .filter((name) => pattern.test(name))
    .sort()
    .at(-1)
  if (file === undefined) return undefined
  const text = readFileSync(join(DOWNLOADS, file), 'utf8')
  const hashes = text.match(/^Checksums-Sha256:\n((?: .+\n)+)/m)?.[1] ?? ''
  const entry = hashes.match(/ ([0-9a-f]{64}) \d+ (\S+\.debian\.tar\.\w+)\n/)
  const version = text.match(/^Version: (.+)$/m)?.[1]
  if (entry === null || version === undefined) fail(`${file} does not name the files of the package`)
  return { version, debian: { file: entry[2], sha256: entry[1] } }
}

/** Sources already unpacked by somebody else. */
function givenSources(manifest, folder) {
  if (!existsSync(join(folder, manifest.luaFolder, 'lvm.c'))) {
    fail(`PERILUNE_REDIS_SOURCE=${folder} has no ${manifest.luaFolder}/lvm.c`)
  }
  const patches = join(folder, 'debian', 'patches')
  return {
    folder,
    version: `${manifest.version} (given)`,
    patches: existsSync(patches) ? patches : undefined,
    isGiven: true,
  }
}

/** Makes the sources available: {folder, version, patches, isGiven}. */
export function provideSources(manifest) {
  const given = process.env.PERILUNE_REDIS_SOURCE
  if (given !== undefined && given !== '') return givenSources(manifest, given)
  const orig = join(DOWNLOADS, manifest.orig.file)
  const isComplete = (description) =>
    description !== undefined && existsSync(orig) && existsSync(join(DOWNLOADS, description.debian.file))
  if (!isComplete(readDescription(manifest))) download(manifest)
  const description = readDescription(manifest)
  if (!isComplete(description)) fail(`apt-get left no ${manifest.orig.file} in ${DOWNLOADS}`)
  verify(orig, manifest.orig.sha256, 'native/sources.json')
  verify(
    join(DOWNLOADS, description.debian.file),
    description.debian.sha256,
    'the signed description of the package',
  )
  return { ...unpack(manifest, orig, description), version: description.version, isGiven: false }
}

/** Unpacks into build/redis-7.0.15, by way of another name, so that an interrupted unpacking leaves nothing half. */
function unpack(manifest, orig, description) {
  const folder = join(BUILD, `${manifest.package}-${manifest.version}`)
  const patches = join(folder, 'debian', 'patches')
  const stamp = join(folder, '.perilune-source')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === description.version) return { folder, patches }
  for (const program of ['tar', 'gzip', 'xz']) {
    if (!hasProgram(program))
      fail(`${program} is needed to unpack the sources: apt-get install ${program} (xz: xz-utils)`)
  }
  step(`unpacking ${manifest.package} ${description.version}`)
  const fresh = workFolder('source')
  run('tar', ['-xzf', orig, '-C', fresh, '--strip-components=1'])
  run('tar', ['-xJf', join(DOWNLOADS, description.debian.file), '-C', fresh])
  writeFileSync(join(fresh, '.perilune-source'), description.version)
  rmSync(folder, { recursive: true, force: true })
  renameSync(fresh, folder)
  return { folder, patches }
}
