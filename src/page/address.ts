/**
 * What the address says behind its `#`: `name=value`.
 */

/** The value of a name, undefined where the address has another or none. */
export function valueIn(hash: string, name: string): string | undefined {
  const value = hash.startsWith(`#${name}=`) ? hash.slice(name.length + 2) : ''
  if (value === '') return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    // Typed by somebody who did not encode it.
    return value
  }
}
