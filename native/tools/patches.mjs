/**
 * The patched copy of Lua's sources: the distribution's patches as far as they touch Lua (they fix its vulnerabilities),
 * then ours. Patches are applied strictly: a hunk must match exactly, though it may have moved.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, NATIVE, step, workFolder } from './shell.mjs'

/** The files a patch changes: {path, hunks: [{start, before, after}]}. */
function parsePatch(text) {
  const files = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (line.startsWith('+++ ') && lines[i - 1]?.startsWith('--- ')) {
      const path = line.slice(4).split('\t')[0].trim()
      files.push({ path: path.slice(path.indexOf('/') + 1), hunks: [] })
      continue
    }
    const header = line.match(/^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/)
    if (header === null || files.length === 0) continue
    const hunk = { start: Number(header[1]), before: [], after: [] }
    let before = Number(header[2] ?? 1)
    let after = Number(header[3] ?? 1)
    while (before > 0 || after > 0) {
      const body = lines[++i] ?? ''
      const kind = body === '' ? ' ' : body[0]
      if (kind === '\\') continue
      if (kind !== '+') {
        hunk.before.push(body.slice(1))
        before--
      }
      if (kind !== '-') {
        hunk.after.push(body.slice(1))
        after--
      }
    }
    files.at(-1).hunks.push(hunk)
  }
  return files
}

/** The position nearest to `wanted` where the lines of a hunk are. */
function findHunk(lines, before, wanted) {
  const matches = (at) => at >= 0 && before.every((line, i) => lines[at + i] === line)
  for (let distance = 0; distance <= lines.length; distance++) {
    if (matches(wanted + distance)) return wanted + distance
    if (matches(wanted - distance)) return wanted - distance
  }
  return -1
}

/** `mayBeApplied`: a tree that somebody else unpacked may have the patch already. */
function applyToFile(file, hunks, patchName, mayBeApplied) {
  const lines = readFileSync(file, 'utf8').split('\n')
  let moved = 0
  for (const hunk of hunks) {
    const wanted = hunk.start - 1 + moved
    const at = findHunk(lines, hunk.before, wanted)
    if (at < 0 && mayBeApplied && findHunk(lines, hunk.after, wanted) >= 0) continue
    if (at < 0) fail(`${patchName} does not apply to ${file}, line ${hunk.start}`)
    lines.splice(at, hunk.before.length, ...hunk.after)
    moved += at - wanted + hunk.after.length - hunk.before.length
  }
  writeFileSync(file, lines.join('\n'))
}

/** Applies the part of a patch that touches Lua; says whether there is one. */
function applyPatch(patchFile, name, luaFolder, folder, mayBeApplied = false) {
  const files = parsePatch(readFileSync(patchFile, 'utf8')).filter((file) =>
    file.path.startsWith(`${luaFolder}/`),
  )
  for (const file of files)
    applyToFile(join(folder, file.path.slice(luaFolder.length + 1)), file.hunks, name, mayBeApplied)
  return files.length > 0
}

function distributionPatches(folder) {
  const series = readFileSync(join(folder, 'series'), 'utf8').split('\n')
  return series.map((line) => line.replace(/#.*/, '').trim()).filter((name) => name !== '')
}

/** Makes the patched copy: {folder, names}. */
export function patchSources(manifest, source) {
  const tree = workFolder('patched')
  for (const part of [manifest.luaFolder, ...manifest.headers]) {
    mkdirSync(dirname(join(tree, part)), { recursive: true })
    cpSync(join(source.folder, part), join(tree, part), { recursive: true })
  }
  const folder = join(tree, manifest.luaFolder)
  const names = []
  if (source.patches !== undefined && existsSync(join(source.patches, 'series'))) {
    for (const name of distributionPatches(source.patches)) {
      const file = join(source.patches, name)
      const touchesLua = applyPatch(file, name, manifest.luaFolder, folder, source.isGiven)
      if (touchesLua) names.push(name)
    }
  } else {
    step('warning: the source tree has no debian/patches, so the security patches are missing')
  }
  const own = join(NATIVE, 'patches')
  for (const name of readdirSync(own)
    .filter((file) => file.endsWith('.patch'))
    .sort()) {
    if (!applyPatch(join(own, name), name, manifest.luaFolder, folder)) fail(`${name} changes nothing of Lua`)
    names.push(`perilune/${name}`)
  }
  step(`patched Lua: ${names.join(', ')}`)
  return { folder, names }
}
