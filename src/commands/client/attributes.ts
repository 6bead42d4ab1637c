/**
 * The names clients give themselves: kept free of what would break the format of CLIENT LIST.
 */
import { failWith } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'

/** Whether all bytes are printable ASCII other than space, up to the first zero byte. */
export function isPlainWord(b: Bytes): boolean {
  for (let i = 0; i < b.len && b.byteAt(i) !== 0; i++) {
    const c = b.byteAt(i)
    if (c < 0x21 || c > 0x7e) return false
  }
  return true
}

export function clientNameArg(b: Bytes): string {
  if (!isPlainWord(b)) failWith('ERR Client names cannot contain spaces, newlines or special characters.')
  return b.latin1()
}
