/**
 * What the configuration needs of the world outside: files, folders and pattern matching. Given to it, so that it can run
 * where there are none. Functions throw errors with the system's words ("No such file or directory").
 */
export interface ConfigHost {
  /** Whether a glob pattern matches the name, letters in either case. */
  matches(pattern: string, name: string): boolean
  readFile(path: string): string
  /** Replaces the file as a whole or not at all. */
  replaceFile(path: string, content: string): void
  /** Whether there is such a file. */
  exists(path: string): boolean
  /** The files a pattern of `include` names, in order. */
  filesMatching(pattern: string): readonly string[]
  /** Throws unless the log file can be written to. */
  checkLogFile(path: string): void
  /** Changes to a folder; its absolute path. */
  enter(path: string): string
}

function absent(): never {
  throw new Error('Function not implemented')
}

/** A world without files. */
export const NO_HOST: ConfigHost = {
  matches: (pattern, name) => pattern === '*' || pattern.toLowerCase() === name,
  readFile: absent,
  replaceFile: absent,
  exists: () => false,
  filesMatching: () => [],
  checkLogFile: () => {},
  enter: (path) => path,
}
