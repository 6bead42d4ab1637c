/**
 * The last keys that scripts used and their callers had not declared. The engine's thread and the metrics thread have one
 * each.
 */

/** Scripts of which they are kept: those that did so last. */
const SCRIPTS_MAX = 1024
/** Keys of a script that are kept, and bytes of a key. */
export const KEYS_MAX = 8
export const KEY_MAX = 128

export class UndeclaredKeys {
  /** As latin1 text, the very last first. */
  private readonly byScript = new Map<string, readonly string[]>()

  /** A run of the script used these; those of runs before it follow, while there is room. */
  add(id: string, keys: readonly string[]): void {
    const all = [...new Set([...keys, ...this.of(id)])].slice(0, KEYS_MAX)
    this.byScript.delete(id)
    this.byScript.set(id, all)
    if (this.byScript.size > SCRIPTS_MAX) this.byScript.delete(this.byScript.keys().next().value!)
  }

  of(id: string): readonly string[] {
    return this.byScript.get(id) ?? []
  }

  forget(id: string): void {
    this.byScript.delete(id)
  }

  clear(): void {
    this.byScript.clear()
  }

  entries(): Iterable<[string, readonly string[]]> {
    return this.byScript.entries()
  }
}
