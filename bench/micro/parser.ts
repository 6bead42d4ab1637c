/**
 * Requests into arguments: time per chunk of 16 commands, as a pipeline sends them.
 *
 *     node --import tsx bench/micro/parser.ts
 */
import { bench, do_not_optimize, run, summary } from 'mitata'
import { Args } from '../../src/memory/args.ts'
import { CommandWindow } from '../../src/protocol/command-window.ts'
import type { RequestLimits } from '../../src/protocol/request-limits.ts'
import { RequestParser } from '../../src/protocol/request-parser.ts'

const COMMANDS = 16
const limits: RequestLimits = { maxBulk: 512 * 1024 * 1024, authenticated: true }
const window = new CommandWindow()
const parser = new RequestParser()
const args = new Args()

function chunk(words: (i: number) => readonly string[]): Buffer {
  let text = ''
  for (let i = 0; i < COMMANDS; i++) {
    const command = words(i)
    text += `*${command.length}\r\n${command.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
  }
  return Buffer.from(text)
}

/** Reads a chunk as a connection does. */
function read(buf: Buffer): number {
  let total = 0
  for (let p = 0; p < buf.length; ) {
    const count = window.scan(buf, p, buf.length, limits)
    if (count === 0) return -1
    for (let i = 0; i < count; i++) {
      window.load(i, args)
      total += args.count
      p = window.endOf(i)
    }
  }
  return total
}

/** Reads a chunk as one that is cut within each command. */
function readCarefully(buf: Buffer): number {
  let total = 0
  for (let p = 0; p < buf.length; ) {
    p = parser.feed(buf, p, buf.length, limits)
    if (!parser.complete) return -1
    parser.load(args)
    total += args.count
    parser.reset()
  }
  return total
}

const gets = chunk((i) => ['GET', `key:${String(i).padStart(12, '0')}`])
const sets = chunk((i) => ['SET', `key:${String(i).padStart(12, '0')}`, 'x'.repeat(100)])
const scripts = chunk((i) => ['EVALSHA', 'a'.repeat(40), '1', `key:${i}`, 'value'])

summary(() => {
  bench('16 GET', () => do_not_optimize(read(gets)))
  bench('16 GET, in pieces', () => do_not_optimize(readCarefully(gets)))
})
bench('16 SET of 100 bytes', () => do_not_optimize(read(sets)))
bench('16 EVALSHA', () => do_not_optimize(read(scripts)))
await run()
