/**
 * The figures of all clients that nobody keeps a sum of: what memory they take, and the largest of their buffers. They are
 * looked at one by one, and where they are many, some at a time: ten thousand at once would be a pause.
 */
import type { Client } from './client.ts'
import type { ClientMemory } from './client-memory.ts'

export interface SurveyParts {
  readonly memory: ClientMemory
  all(): Iterator<Client>
}

export class ClientSurvey {
  /** Bytes, of the last whole round. */
  largestInput = 0
  largestOutput = 0
  private readonly parts: SurveyParts
  /** The round that goes on. Who comes meanwhile is in it, who goes is not. */
  private round: Iterator<Client>
  private input = 0
  private output = 0

  constructor(parts: SurveyParts) {
    this.parts = parts
    this.round = parts.all()
  }

  lookAtAll(): void {
    this.begin()
    this.lookAt(Infinity)
  }

  /** Looks at the next clients; a round that ends with less of them is the last for now. */
  lookAt(most: number): void {
    for (let i = 0; i <= most; i++) {
      const { value: client, done } = this.round.next()
      if (done) return this.end()
      this.parts.memory.measure(client)
      const { transport } = client
      if (transport === null) continue
      this.input = Math.max(this.input, transport.inputBytes)
      this.output = Math.max(this.output, transport.outputBytes)
    }
  }

  private begin(): void {
    this.round = this.parts.all()
    this.input = 0
    this.output = 0
  }

  private end(): void {
    this.largestInput = this.input
    this.largestOutput = this.output
    this.begin()
  }
}
