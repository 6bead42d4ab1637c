/**
 * What a directive of the configuration is: how its value is read, kept, printed and rewritten, and the traits that
 * CONFIG SET and CONFIG GET look at.
 *
 * Text here is bytes: one character stands for one byte (latin1), so that a password may be any bytes.
 */

/** Thrown by `parse` with Valkey's words for what is wrong with the value. */
export class InvalidValue extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'InvalidValue'
  }
}

/** A line CONFIG REWRITE would write; unless `force`, only where the file already has one for the directive. */
export interface RewriteLine {
  readonly text: string
  readonly force: boolean
}

/**
 * `Held` is how the value is kept, `Value` what the rest of the program sees of it. They differ where JavaScript's
 * natural type is not exact: 64-bit numbers are held as bigint.
 */
export interface Codec<Value, Held = Value> {
  readonly initial: Held
  /** Takes any number of words; others take exactly one. */
  readonly multi: boolean
  /** The value of the words. `append`: the directive stood in the file before, and its values add up (`save`). */
  parse(words: readonly string[], held: Held, append: boolean): Held
  /** As CONFIG GET prints it. */
  print(held: Held): string
  expose(held: Held): Value
  /** Undefined: CONFIG REWRITE leaves what the file says. An empty list: it removes what the file says. */
  rewrite(name: string, held: Held): readonly RewriteLine[] | undefined
}

export interface Traits {
  /** An older name, answered and accepted like the name itself. */
  readonly alias?: string
  /** Only at start. */
  readonly immutable?: boolean
  /** The value is not for logs. */
  readonly sensitive?: boolean
  /** CONFIG GET answers its exact name, not patterns. */
  readonly hidden?: boolean
  /** CONFIG SET only if `enable-protected-configs` allows it. */
  readonly protected?: boolean
  /** CONFIG SET applies it again even when the value did not change: files may have. */
  readonly volatile?: boolean
  /** `none`: accepted, kept and reported, but nothing looks at it: its feature does not exist here (yet). */
  readonly effect?: 'none'
}

export interface Directive<Value, Held = Value> extends Codec<Value, Held>, Traits {}

export const IMMUTABLE: Traits = { immutable: true }
export const SENSITIVE: Traits = { sensitive: true }
export const HIDDEN: Traits = { hidden: true }
export const PROTECTED: Traits = { protected: true }
export const VOLATILE: Traits = { volatile: true }
/** Given to all of inert-directives.ts. */
export const NO_EFFECT: Traits = { effect: 'none' }

export function alias(name: string): Traits {
  return { alias: name }
}

export function directive<Value, Held>(
  codec: Codec<Value, Held>,
  traits: readonly Traits[],
): Directive<Value, Held> {
  return Object.assign({}, codec, ...traits) as Directive<Value, Held>
}
