/**
 * The commands of one connection: found in its input and run one after the other, as long as nothing keeps the next from
 * running. Their replies gather in the writer that all connections share.
 */
import type { Client } from '../engine/client.ts'
import type { Args } from '../memory/args.ts'
import { Bytes } from '../memory/bytes.ts'
import type { RequestParser } from '../protocol/request-parser.ts'
import { UNCOUNTED_BYTES } from './output-limits.ts'
import { recycle } from './output-queue.ts'
import type { Turn, TurnTaker } from './turn.ts'

/** The connection. */
export interface PipelineOwner extends TurnTaker {
  /** Nothing keeps the next command from running. */
  readonly mayRun: boolean
  /** Much output has gathered since the pipeline began to run. */
  checkReplies(): void
}

export class Pipeline {
  /** Input of the current read event behind the command that runs. */
  unread = 0
  /** Where in the writer the reply of the command that runs begins. */
  replyStart = 0
  private readonly turn: Turn
  private readonly client: Client
  private readonly owner: PipelineOwner
  private readonly parser: RequestParser

  constructor(turn: Turn, client: Client, parser: RequestParser, owner: PipelineOwner) {
    this.turn = turn
    this.client = client
    this.parser = parser
    this.owner = owner
  }

  /**
   * Runs the command that was held back, and those from `start` up to about `stop`; returns the position behind the last that
   * ran.
   */
  run(buffer: Buffer, start: number, end: number, stop: number): number {
    const { turn, client, owner } = this
    turn.beginBatch()
    turn.running = owner
    let p = start
    try {
      if (client.postponed !== null) this.runPostponed(end - start)
      while (p < stop && owner.mayRun) {
        turn.limits.maxBulk = turn.settings['proto-max-bulk-len']
        turn.limits.authenticated = client.authenticated
        p = this.parser.isPending ? this.runNext(buffer, p, end) : this.runWindow(buffer, p, end)
      }
    } finally {
      turn.running = null
    }
    return p
  }

  /** Runs what is complete at the front of the input. */
  private runWindow(buffer: Buffer, start: number, end: number): number {
    const { turn, client } = this
    const { window, args } = turn
    const count = window.scan(buffer, start, end, turn.limits)
    if (count === 0) return this.runNext(buffer, start, end)
    if (count > 1) turn.executor.prefetch?.(client, window)
    for (let i = 0; ; ) {
      window.load(i, args)
      const position = window.endOf(i)
      this.unread = end - position
      this.execute(args)
      if (++i === count || !this.owner.mayRun) return position
    }
  }

  /** Runs the next command as far as it has come, if it has come completely. */
  private runNext(buffer: Buffer, start: number, end: number): number {
    const { parser } = this
    const { args, limits } = this.turn
    const position = parser.feed(buffer, start, end, limits)
    if (parser.error !== null) {
      this.refuse(parser.error)
      return end
    }
    if (parser.complete) {
      parser.load(args)
      this.unread = end - position
      this.execute(args)
      parser.reset()
    }
    return position
  }

  private runPostponed(unread: number): void {
    const { client } = this
    const args = client.postponed!
    client.postponed = null
    this.unread = unread
    this.execute(args)
  }

  private execute(args: Args): void {
    const { turn } = this
    const { writer, behindReply } = turn
    this.replyStart = writer.length
    turn.executor.execute(this.client, args, writer)
    if (behindReply.bytes > 0) {
      for (let chunk = behindReply.shift(); chunk !== undefined; chunk = behindReply.shift()) {
        writer.raw(scratch.set(chunk.buffer, 0, chunk.length))
        recycle(chunk.buffer)
      }
    }
    if (writer.length > UNCOUNTED_BYTES) this.owner.checkReplies()
  }

  /** The request made no sense: there is no way on behind it. */
  private refuse(text: string): void {
    const { client, turn } = this
    turn.stats.error(`ERR ${text}`)
    const silent = client.replyMode === 'off' || client.replyMode === 'skip'
    if (!silent) turn.writer.raw(Bytes.from(`-ERR ${text}\r\n`, 'latin1'))
    client.closeAfterReply = true
    turn.logVerbose(() => `${text} from client: ${turn.describe(client)}`)
  }
}

const scratch = new Bytes()
