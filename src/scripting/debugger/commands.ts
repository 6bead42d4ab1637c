/**
 * What the user of a debugger can ask for: one table, which the help is made of as well.
 */
import { Bytes } from '../../memory/bytes.ts'
import { parseInt64 } from '../../memory/numbers.ts'
import { BREAKPOINTS_MAX } from '../abi.ts'
import { leadingInteger } from './c-numbers.ts'
import type { StoppedScript } from './stopped-script.ts'
import type { Transcript } from './transcript.ts'

/** What follows: the transcript is the answer; the script goes on; it ends with an error. */
export type Outcome = 'answer' | 'resume' | { readonly error: string }

/** The session, as its commands see it. */
interface Debuggee {
  readonly script: StoppedScript
  readonly transcript: Transcript
  /** The script's lines, a character a byte. */
  readonly source: readonly string[]
  /** A line of the script with its marks. */
  sourceLine(line: number): string
  /** Adds the lines at most `context` away from one. */
  list(around: number, context: number): void
}

interface DebuggerCommand {
  readonly names: readonly string[]
  /** The command itself included; 1 unless said otherwise. */
  readonly wordsMin?: number
  readonly help: readonly string[]
  /** `words` include the command. */
  run(session: Debuggee, words: readonly string[]): Outcome | void
}

/** Lines before and after the one that is listed. */
const CONTEXT_DEFAULT = 5
const CONTEXT_OF_BREAKPOINT = 1
const CONTEXT_OF_ALL = 1_000_000
/** Values are not cut to less than this. */
const LENGTH_MIN = 60

const UNKNOWN = '<error> Unknown Lua debugger command or wrong number of arguments.'

const HELP_OF_FUNCTIONS = [
  '',
  'Debugger functions you can call from Lua scripts:',
  'server.debug()       Produce logs in the debugger console.',
  'server.breakpoint()  Stop execution like if there was a breakpoint in the',
  '                     next line of code.',
]

const COMMANDS: readonly DebuggerCommand[] = [
  { names: ['h', 'help'], help: ['[h]elp               Show this help.'], run: help },
  { names: ['s', 'step'], help: ['[s]tep               Run current line and stop again.'], run: step },
  { names: ['n', 'next'], help: ['[n]ext               Alias for step.'], run: step },
  {
    names: ['c', 'continue'],
    help: ['[c]ontinue           Run till next breakpoint.'],
    run: () => 'resume',
  },
  {
    names: ['l', 'list'],
    help: [
      '[l]ist               List source code around current line.',
      '[l]ist [line]        List source code around [line].',
      '                     line = 0 means: current position.',
      '[l]ist [line] [ctx]  In this form [ctx] specifies how many lines',
      '                     to show before/after [line].',
    ],
    run: list,
  },
  {
    names: ['w', 'whole'],
    help: ["[w]hole              List all source code. Alias for 'list 1 1000000'."],
    run: (session) => session.list(1, CONTEXT_OF_ALL),
  },
  {
    names: ['p', 'print'],
    help: [
      '[p]rint              Show all the local variables.',
      '[p]rint <var>        Show the value of the specified variable.',
      '                     Can also show global vars KEYS and ARGV.',
    ],
    run: print,
  },
  {
    names: ['b', 'break'],
    help: [
      '[b]reak              Show all breakpoints.',
      '[b]reak <line>       Add a breakpoint to the specified line.',
      '[b]reak -<line>      Remove breakpoint from the specified line.',
      '[b]reak 0            Remove all breakpoints.',
    ],
    run: breakpoints,
  },
  { names: ['t', 'trace'], help: ['[t]race              Show a backtrace.'], run: trace },
  {
    names: ['e', 'eval'],
    help: ['[e]val <code>        Execute some Lua code (in a different callframe).'],
    run: evaluate,
  },
  {
    names: ['v', 'valkey', 'r', 'redis', 'server'],
    wordsMin: 2,
    help: ['[v]alkey <cmd>       Execute a command.'],
    run: (session, [, ...command]) => session.script.call(command),
  },
  {
    names: ['m', 'maxlen'],
    help: [
      '[m]axlen [len]       Trim logged replies and Lua var dumps to len.',
      '                     Specifying zero as <len> means unlimited.',
    ],
    run: maxlen,
  },
  {
    names: ['a', 'abort'],
    help: [
      '[a]bort              Stop the execution of the script. In sync',
      '                     mode dataset changes will be retained.',
    ],
    run: () => ({ error: 'ERR script aborted for user request' }),
  },
]

const BY_NAME = new Map(COMMANDS.flatMap((command) => command.names.map((name) => [name, command])))

export function carryOut(session: Debuggee, words: readonly string[]): Outcome {
  const command = BY_NAME.get(words[0]!.toLowerCase())
  if (command !== undefined && words.length >= (command.wordsMin ?? 1)) {
    return command.run(session, words) ?? 'answer'
  }
  session.transcript.add(UNKNOWN)
  return 'answer'
}

function help({ transcript }: Debuggee): void {
  transcript.add('Lua debugger help:')
  for (const line of COMMANDS.flatMap((command) => command.help)) transcript.add(line)
  for (const line of HELP_OF_FUNCTIONS) transcript.add(line)
}

function step({ script }: Debuggee): Outcome {
  script.isStepping = true
  return 'resume'
}

function list(session: Debuggee, [, line = '0', context]: readonly string[]): void {
  const wanted = leadingInteger(line)
  const around = wanted > 0 ? wanted : session.script.line
  session.list(around, context === undefined ? CONTEXT_DEFAULT : leadingInteger(context))
}

function print({ script, transcript }: Debuggee, words: readonly string[]): void {
  const name = words[1]
  if (words.length === 2 && name !== undefined) {
    const value = script.value(name)
    if (value === undefined) transcript.add('No such variable.')
    else transcript.addCut(`<value> ${value}`)
    return
  }
  const variables = script.locals()
  if (variables.length === 0) transcript.add('No local variables in the current context.')
  for (const { name, value } of variables) transcript.addCut(`<value> ${name} = ${value}`)
}

function breakpoints(session: Debuggee, [, ...lines]: readonly string[]): void {
  const { script, transcript } = session
  if (lines.length > 0) {
    for (const line of lines) changeBreakpoint(session, line)
  } else if (script.breakpoints.length === 0) {
    transcript.add("No breakpoints set. Use 'b <line>' to add one.")
  } else {
    transcript.add(`${script.breakpoints.length} breakpoints set:`)
    for (const line of script.breakpoints) transcript.add(session.sourceLine(line))
  }
}

/** Adds the breakpoint of a line, removes that of a negative one, or all for 0. */
function changeBreakpoint(session: Debuggee, text: string): void {
  const { script, source, transcript } = session
  const set = script.breakpoints
  const line = parseInt64(Bytes.from(text, 'latin1'))
  if (line === undefined) {
    transcript.add(`Invalid argument:'${text}'`)
  } else if (line === 0) {
    script.breakpoints = []
    transcript.add('All breakpoints removed.')
  } else if (line < 0) {
    const rest = set.filter((other) => other !== -Number(line))
    script.breakpoints = rest
    const isGone = rest.length < set.length
    transcript.add(isGone ? 'Breakpoint removed.' : 'No breakpoint in the specified line.')
  } else if (set.length === BREAKPOINTS_MAX) {
    transcript.add('Too many breakpoints set.')
  } else if (line > source.length || set.includes(Number(line))) {
    transcript.add('Wrong line number.')
  } else {
    script.breakpoints = [...set, Number(line)]
    session.list(Number(line), CONTEXT_OF_BREAKPOINT)
  }
}

function trace(session: Debuggee): void {
  const { script, transcript } = session
  const calls = script.trace()
  if (calls === undefined) transcript.add("<error> Can't retrieve Lua stack.")
  for (const { level, line, name } of calls ?? []) {
    transcript.add(`${level === 0 ? 'In' : 'From'} ${name}:`)
    transcript.add(session.sourceLine(line))
  }
}

function evaluate({ script, transcript }: Debuggee, [, ...code]: readonly string[]): void {
  const result = script.evaluate(code.join(' '))
  if ('error' in result) transcript.add(`<error> ${result.error}`)
  else transcript.addCut(`<retval> ${result.value}`)
}

function maxlen({ transcript }: Debuggee, words: readonly string[]): void {
  if (words.length === 2) {
    const wanted = leadingInteger(words[1]!)
    transcript.maxLength = wanted === 0 ? 0 : Math.max(wanted, LENGTH_MIN)
  }
  const { maxLength } = transcript
  transcript.add(
    maxLength === 0
      ? '<value> replies are unlimited.'
      : `<value> replies are truncated at ${maxLength} bytes.`,
  )
}
