/**
 * The figures of all clients that nobody keeps a sum of: what memory they take, and the largest of their buffers. They are
 * looked at one by one, and where they are many, some at a time: ten thousand at once would be a pause.
 */
import type { Client } from './client.ts'
import type { ClientMemory } from './client-memory.ts'

export interface SurveyParts {
  readonly memory: ClientMemory
  ids(): Iterable<number>
  find(id: number): Client | undefined
}

export class ClientSurvey {
  /** Bytes, of the last whole round. */
  largestInput = 0
  largestOutput = 0
  private readonly parts: SurveyParts
  /**
   * Whom to look at in the round that goes on; who comes meanwhile is in the next. An iterator would keep the clients that
   * have gone since: a round may wait for ever to be taken up.
   */
  private round: readonly number[] = []
  private position = 0
  private input = 0
  private output = 0

  constructor(parts: SurveyParts) {
    this.parts = parts
  }

  lookAtAll(): void {
    this.position = this.round.length
    this.lookAt(Infinity)
  }

  /** Looks at the next clients; a round that ends with less of them is the last for now. */
  lookAt(most: number): void {
    if (this.position === this.round.length) this.begin()
    const end = Math.min(this.round.length, this.position + most)
    while (this.position < end) this.lookAtOne(this.parts.find(this.round[this.position++]!))
    if (end < this.round.length) return
    this.largestInput = this.input
    this.largestOutput = this.output
  }

  private begin(): void {
    this.round = [...this.parts.ids()]
    this.position = 0
    this.input = 0
    this.output = 0
  }

  private lookAtOne(client: Client | undefined): void {
    if (client === undefined) return
    this.parts.memory.measure(client)
    const { transport } = client
    if (transport === null) return
    this.input = Math.max(this.input, transport.inputBytes)
    this.output = Math.max(this.output, transport.outputBytes)
  }
}
