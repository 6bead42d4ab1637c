/**
 * LOLWUT: a small orbit around the Moon, and the version.
 */
import type { Args } from '../../memory/args.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { VALKEY_VERSION } from '../../version.ts'
import { integerArg } from '../arguments.ts'
import type { Context } from '../context.ts'
import { FAST, READONLY } from '../flags.ts'
import type { CommandSpec } from '../spec.ts'

/** The canvas in braille characters, of 2 by 4 dots each. */
const COLUMNS = 34
const ROWS = 11
const DOTS_ACROSS = COLUMNS * 2
const DOTS_DOWN = ROWS * 4

const BRAILLE_BASE = 0x2800
/** Bits of a character's dots, by row and column. */
const DOT_BITS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]

const MOON_RADIUS = 9
const ORBIT_LENGTH = 31
/** Flatter than a true ellipse would be, to fit. */
const ORBIT_HEIGHT = DOTS_DOWN / 2 - 1
const ECCENTRICITY = 0.55
const ORBIT_DOTS = 110

class Canvas {
  private readonly cells = new Uint8Array(COLUMNS * ROWS)

  plot(x: number, y: number): void {
    const column = Math.round(x)
    const row = Math.round(y)
    if (column < 0 || column >= DOTS_ACROSS || row < 0 || row >= DOTS_DOWN) return
    this.cells[(row >> 2) * COLUMNS + (column >> 1)]! |= DOT_BITS[(row & 3) * 2 + (column & 1)]!
  }

  toString(): string {
    let text = ''
    for (let row = 0; row < ROWS; row++) {
      for (const dots of this.cells.subarray(row * COLUMNS, (row + 1) * COLUMNS)) {
        text += String.fromCharCode(BRAILLE_BASE + dots)
      }
      text += '\n'
    }
    return text
  }
}

/** An ellipse with the Moon in one focus: dots lie closest where the orbit is slowest, farthest from the Moon. */
function drawing(phase: number): string {
  const canvas = new Canvas()
  const middle = DOTS_DOWN / 2
  const centre = DOTS_ACROSS / 2
  const moon = centre - ORBIT_LENGTH * ECCENTRICITY
  for (let i = 0; i < ORBIT_DOTS; i++) {
    const angle = eccentricAnomaly(((i + phase) / ORBIT_DOTS) * 2 * Math.PI)
    canvas.plot(centre - ORBIT_LENGTH * Math.cos(angle), middle + ORBIT_HEIGHT * Math.sin(angle))
  }
  for (let y = -MOON_RADIUS; y <= MOON_RADIUS; y++) {
    for (let x = -MOON_RADIUS; x <= MOON_RADIUS; x++) {
      const lit = x * x + y * y <= MOON_RADIUS * MOON_RADIUS && (x + y < 2 || (x + y) % 3 === 0)
      if (lit) canvas.plot(moon + x, middle + y)
    }
  }
  return canvas.toString()
}

/** Kepler's equation, by Newton's method. */
function eccentricAnomaly(meanAnomaly: number): number {
  let angle = meanAnomaly
  for (let step = 0; step < 8; step++) {
    const error = angle - ECCENTRICITY * Math.sin(angle) - meanAnomaly
    angle -= error / (1 - ECCENTRICITY * Math.cos(angle))
  }
  return angle
}

/** Any VERSION has the same picture; further arguments are those of pictures there are not. */
function runLolwut(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count >= 3 && args.at(1).is('VERSION')) integerArg(args.at(2))
  const phase = (ctx.now % 1000) / 1000
  const text = `${drawing(phase)}\nPerilune, where an orbit is nearest to the Moon. Redis ver. ${VALKEY_VERSION}\n`
  // Replies have one character a byte.
  reply.verbatim('txt', Buffer.from(text).toString('latin1'))
}

export const lolwutCommands: readonly CommandSpec[] = [
  {
    name: 'lolwut',
    summary: 'Draws something and answers the version.',
    since: '5.0.0',
    complexity: '',
    group: 'server',
    arity: -1,
    flags: READONLY | FAST,
    acl: [],
    keys: [],
    run: runLolwut,
  },
]
