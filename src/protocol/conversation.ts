/**
 * A client that is talked to from within one of its commands: while a script is debugged. Both methods block.
 */
export interface Conversation {
  /** What has come, as soon as something has; null: nobody is there any more. */
  read(): Buffer | null
  /** Where nobody is there any more, nothing happens: the next read tells. */
  write(bytes: Buffer): void
  /** Nobody is there any more, as far as can be told without waiting. */
  readonly isGone: boolean
  /** Nothing more will be read or written. */
  end(): void
}
