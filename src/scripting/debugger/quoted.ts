/** Bytes, one character each, as the debugger shows them. Quotes and backslashes stay, as in Valkey 8.1. */

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
}

export function quoted(latin1: string): string {
  const escaped = latin1.replace(
    /[^ -~]/g,
    (c) => ESCAPES[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return `"${escaped}"`
}
