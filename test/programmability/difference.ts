/**
 * A difference between two transcripts, for people.
 */
import { type Argument, parse } from '../support/resp-client.ts'
import { type Case, SHOW } from './case.ts'

/** Characters shown before and behind the first that differs. */
const BEFORE = 160
const BEHIND = 240
/** Characters shown of an argument. */
const ARGUMENT_MAX = 600

export function describeDifference(one: Case, actual: string, expected: string): string {
  // The length of a string says less than its text, and comes first.
  const [ours, theirs] = [actual, expected].map((transcript) => transcript.replace(/\$\d+\r\n/g, '$'))
  return [
    one.name,
    ...commandsAt(one, expected, firstDifference(actual, expected)).map(
      (command) => `  > ${command.map(shown).join(' ')}`,
    ),
    `  perilune: ${excerpt(ours!, firstDifference(ours!, theirs!))}`,
    `  valkey:   ${excerpt(theirs!, firstDifference(ours!, theirs!))}`,
  ].join('\n')
}

function firstDifference(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return at
}

/** The command whose reply the place lies in; all where that cannot be told. */
function commandsAt(one: Case, transcript: string, at: number): Case['commands'] {
  // Before the case's own replies are those of what prepares it, which a RESP3 transcript leaves out.
  let index = one.protocol === 3 ? 0 : -1 - (one.settings ?? []).length
  try {
    for (let reply = parse(transcript, 0); reply !== undefined && reply.end <= at; index++)
      reply = parse(transcript, reply.end)
  } catch {
    return one.commands
  }
  const command = one.commands[index]
  return command === undefined ? one.commands : [command]
}

function shown(argument: Argument): string {
  const text = Buffer.isBuffer(argument) ? argument.toString('latin1') : String(argument)
  return JSON.stringify(text.replace(SHOW, '').slice(0, ARGUMENT_MAX))
}

function excerpt(transcript: string, at: number): string {
  const start = Math.max(0, at - BEFORE)
  return (start > 0 ? '...' : '') + JSON.stringify(transcript.slice(start, at + BEHIND))
}
