/**
 * Replacing a file as a whole: whoever reads it sees the old content or the new one, also after a crash.
 */
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file of its own beside the old one and renames it; `durable`: it is on the disk when this returns. */
export function replaceFile(file: Buffer, content: string, durable: boolean): void {
  const temporary = Buffer.concat([file, Buffer.from(`.${process.pid}.tmp`)])
  try {
    const fd = openSync(temporary, 'wx', 0o644)
    try {
      writeFileSync(fd, content, 'latin1')
      if (durable) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, file)
  } catch (error) {
    removeIfThere(temporary)
    throw error
  }
  if (durable) syncFolderOf(file)
}

function removeIfThere(file: Buffer): void {
  try {
    unlinkSync(file)
  } catch {
    // It was never made: what went wrong before is what matters.
  }
}

/** The new name, too, must reach the disk. */
function syncFolderOf(file: Buffer): void {
  const folder = openSync(Buffer.from(dirname(file.toString('latin1')), 'latin1'), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
