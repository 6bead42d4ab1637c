/**
 * The command line: `[CONFIGFILE|-] [--directive value ...] [-]`. Options become lines of configuration behind those of
 * the file, so that they win.
 */
import { quote, splitWords } from './words.ts'

export interface CommandLine {
  /** As given; undefined without one. */
  readonly file: string | undefined
  /** A `-`: read standard input as configuration, too. */
  readonly fromStdin: boolean
  /** The options as configuration text. */
  readonly options: string
}

/** Arguments are bytes, one character a byte. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const file = args.length > 0 && !args[0]!.startsWith('-') ? args[0] : undefined
  let options = ''
  let fromStdin = false
  /** The last option has a value, so that the next `--` starts another; what follows an option without one is its value. */
  let hasValue = true
  for (let i = file === undefined ? 0 : 1; i < args.length; i++) {
    const arg = args[i]!
    const last = i === args.length - 1
    if (arg === '-' && (i === 0 || last)) {
      fromStdin = true
    } else if (hasValue && arg.startsWith('--')) {
      options += `${options === '' ? '' : '\n'}${arg.slice(2)} `
      // `"--port 7000"`: name and value in one.
      hasValue = (splitWords(arg) ?? []).length !== 1
      // `--save` alone, as scripts write it that have an empty list of save points.
      if (!hasValue && arg.toLowerCase() === '--save' && (last || args[i + 1]!.startsWith('--'))) {
        options += '""'
        hasValue = !last
      }
    } else {
      options += `${quote(arg)} `
      hasValue = true
    }
  }
  return { file, fromStdin, options }
}
