/** Requests for tests of the parser: encoding them, and parsing them from pieces. */
import { Args } from '../../../src/memory/args.ts'
import { CommandWindow } from '../../../src/protocol/command-window.ts'
import type { RequestLimits } from '../../../src/protocol/request-limits.ts'
import { RequestParser } from '../../../src/protocol/request-parser.ts'

export function limits(authenticated = true): RequestLimits {
  return { maxBulk: 512 * 1024 * 1024, authenticated }
}

export function encode(words: readonly (Uint8Array | string)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)]
  for (const word of words) {
    const bytes = Buffer.from(word as Uint8Array)
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

export interface Parsed {
  /** One character a byte. */
  readonly commands: string[][]
  readonly error: string | null
}

/** Parses pieces as a connection does: by the window where it can (if `window`), else by the parser. */
export function parsePieces(
  pieces: readonly Buffer[],
  { window = false, authenticated = true }: { window?: boolean; authenticated?: boolean } = {},
): Parsed {
  const parser = new RequestParser()
  const table = new CommandWindow()
  const args = new Args()
  const commands: string[][] = []
  const keep = () => commands.push(Array.from({ length: args.count }, (_, i) => args.at(i).latin1()))
  for (const piece of pieces) {
    let p = 0
    while (p < piece.length && parser.error === null) {
      const found =
        window && !parser.isPending ? table.scan(piece, p, piece.length, limits(authenticated)) : 0
      for (let i = 0; i < found; i++) {
        table.load(i, args)
        keep()
        p = table.endOf(i)
      }
      if (found > 0) continue
      p = parser.feed(piece, p, piece.length, limits(authenticated))
      if (!parser.complete) continue
      parser.load(args)
      keep()
      parser.reset()
    }
  }
  return { commands, error: parser.error }
}
