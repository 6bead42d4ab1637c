/**
 * Differential tests: random command sequences are sent to Perilune and to a real server, and every reply, every keyspace
 * event and the number of changes must be the same.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { type Launch, startNode, untilUp } from './cluster.ts'
import {
  type Argument,
  type Connection,
  connect,
  noOracle,
  type Reply,
  type RunningServer,
  start,
  startOracle,
  startPerilune,
} from './server.ts'

export type Command = Argument[]

const RUNS = 60
const SEQUENCE_MAX = 120
/** Ends a batch of events: every event before it has arrived when it has. */
const FENCE = '__fence__'

/** Commands whose reply has no order of its own; the random ones are only asked for all elements. */
const UNORDERED = new Set([
  ...['smembers', 'sinter', 'sunion', 'sdiff', 'hkeys', 'hvals'],
  ...['hrandfield', 'srandmember', 'zrandmember', 'spop'],
])
const UNORDERED_PAIRS = new Set(['hgetall'])
const SCANS_OF_PAIRS = new Set(['hscan', 'zscan'])
/** Options that make them scans of single elements. */
const ALONE: ReadonlySet<Argument> = new Set(['novalues', 'noscores'])

interface Side {
  readonly server: RunningServer
  readonly calls: Connection
  readonly events: Connection
}

function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'])
    return true
  } catch {
    return false
  }
}

/** Small thresholds, so that short sequences already convert encodings. */
const SMALL_ENCODINGS: readonly string[] = [
  ...['--hash-max-listpack-entries', '4', '--hash-max-listpack-value', '8'],
  ...['--zset-max-listpack-entries', '4', '--zset-max-listpack-value', '8'],
  ...['--set-max-intset-entries', '3', '--list-max-listpack-size', '4'],
]
/** redis-server 7.0 has no small encoding for sets of strings. */
const SMALL_SETS: readonly string[] = ['--set-max-listpack-entries', '4', '--set-max-listpack-value', '8']

/** Whether the oracle is a Valkey: redis-server 7.0 lacks what came later. */
export const isValkey = noOracle === false

function startReference(args: readonly string[]): Promise<RunningServer> {
  return isValkey ? startOracle(args) : start('redis-server', ['--save', '', ...args])
}

/** As `differential`, for commands in which redis-server 7.0 differs from Valkey 8.1: without Valkey there is no oracle. */
export function differentialWithValkey(title: string, commands: fc.Arbitrary<Command>): void {
  if (isValkey) differential(title, commands)
  else describe(title, { skip: 'no Valkey to compare with' }, () => {})
}

/** Compares both servers over random sequences of `commands`, with usual and with small encoding thresholds. */
export function differential(title: string, commands: fc.Arbitrary<Command>): void {
  const skip = isValkey || hasRedisServer() ? false : 'no server to compare with'
  const small = isValkey ? [...SMALL_ENCODINGS, ...SMALL_SETS] : SMALL_ENCODINGS
  for (const [name, args] of [
    ['usual encodings', []],
    ['small encodings', small],
  ] as const) {
    const launches = { ours: () => startPerilune(args), theirs: () => startReference(args) }
    describe(`${title}, ${name}`, { skip }, () => compare(commands, launches))
  }
}

/** Commands around each sequence. */
interface Frame {
  readonly before: readonly Command[]
  readonly after: readonly Command[]
}

/** Compares nodes of a cluster that start from the same file. */
export function differentialOfNodes(
  title: string,
  commands: fc.Arbitrary<Command>,
  file: string,
  frame: Frame,
): void {
  const node = (launch: Launch) => async () =>
    untilUp(await startNode(launch, file, ['--cluster-require-full-coverage', 'no']))
  const launches = { ours: node(startPerilune), theirs: node(startOracle) }
  describe(title, { skip: noOracle }, () => compare(commands, launches, frame))
}

interface Launches {
  readonly ours: () => Promise<RunningServer>
  readonly theirs: () => Promise<RunningServer>
}

function compare(
  commands: fc.Arbitrary<Command>,
  launches: Launches,
  frame: Frame = { before: [], after: [] },
): void {
  let ours: Side
  let theirs: Side
  before(async () => {
    ours = await open(await launches.ours())
    theirs = await open(await launches.theirs())
  })
  after(async () => {
    await Promise.all([ours, theirs].map(close))
  })
  for (const protocol of [2, 3]) {
    test(`RESP${protocol}`, async () => {
      await Promise.all([ours, theirs].map((side) => side.calls.send('hello', protocol)))
      await fc.assert(
        fc.asyncProperty(
          fc.array(commands, { minLength: 1, maxLength: SEQUENCE_MAX, size: 'max' }),
          (sequence) => runBoth(ours, theirs, [...frame.before, ...sequence, ...frame.after]),
        ),
        { numRuns: RUNS, includeErrorInReport: true },
      )
    })
  }
}

async function open(server: RunningServer): Promise<Side> {
  const calls = await connect(server.port)
  const events = await connect(server.port)
  await calls.send('config', 'set', 'notify-keyspace-events', 'KEA')
  await events.send('psubscribe', '__key*__:*', FENCE)
  return { server, calls, events }
}

async function close(side: Side | undefined): Promise<void> {
  await side?.calls.close()
  await side?.events.close()
  await side?.server.stop()
}

async function runBoth(ours: Side, theirs: Side, sequence: Command[]): Promise<void> {
  const [actual, expected] = await Promise.all([run(ours, sequence), run(theirs, sequence)])
  for (const [i, command] of sequence.entries()) {
    if (isSameTime(command, actual.replies[i]!, expected.replies[i]!)) continue
    assert.deepEqual(actual.replies[i], expected.replies[i], `command ${i}: ${printable(command)}`)
  }
  assert.deepEqual(actual.events, expected.events, 'keyspace events')
  assert.equal(actual.changes, expected.changes, 'rdb_changes_since_last_save')
}

/** What is left of a time, in seconds: they ask at slightly different moments, and a second may end between these. */
function isSameTime([name]: Command, actual: Reply, expected: Reply): boolean {
  if (name !== 'ttl' || typeof actual !== 'number' || typeof expected !== 'number') return false
  return actual >= 0 && expected >= 0 && Math.abs(actual - expected) <= 1
}

function printable(command: Command): string {
  return command
    .map((word) => JSON.stringify(Buffer.isBuffer(word) ? word.toString('latin1') : String(word)))
    .join(' ')
}

interface Outcome {
  replies: Reply[]
  events: string[]
  changes: number
}

async function run(side: Side, sequence: Command[]): Promise<Outcome> {
  await side.calls.send('flushall')
  await drainEvents(side)
  const before = await changesOf(side)
  const replies = await side.calls.pipeline(sequence)
  const changes = (await changesOf(side)) - before
  const events = await drainEvents(side)
  return { replies: replies.map((reply, i) => comparable(sequence[i]!, reply)), events, changes }
}

async function changesOf(side: Side): Promise<number> {
  const info = await side.calls.send('info', 'persistence')
  const text = typeof info === 'string' ? info : (info as { verbatim: string }).verbatim
  return Number(/rdb_changes_since_last_save:(\d+)/.exec(text)?.[1])
}

/** The keyspace events up to now, as `channel message`. */
async function drainEvents(side: Side): Promise<string[]> {
  await side.calls.send('publish', FENCE, '')
  const events: string[] = []
  for (;;) {
    const [kind, pattern, channel, message] = (await side.events.next()) as string[]
    if (kind !== 'pmessage') continue
    if (pattern === FENCE) return events
    events.push(`${channel} ${message}`)
  }
}

/** The reply with everything sorted whose order is not specified. */
function comparable(command: Command, reply: Reply): Reply {
  const name = String(command[0])
  if (UNORDERED.has(name)) {
    if (Array.isArray(reply)) return [...reply].sort()
    if (isTagged(reply, 'set')) return { set: [...reply.set].sort() }
  }
  if (UNORDERED_PAIRS.has(name)) {
    if (Array.isArray(reply)) return sortedPairs(reply)
    if (isTagged(reply, 'map'))
      return { map: [...reply.map].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)) }
  }
  if (Array.isArray(reply) && Array.isArray(reply[1])) {
    const paired = SCANS_OF_PAIRS.has(name) && !command.some((word) => ALONE.has(word))
    if (name === 'sscan' || (SCANS_OF_PAIRS.has(name) && !paired)) return [reply[0]!, [...reply[1]].sort()]
    if (paired) return [reply[0]!, sortedPairs(reply[1])]
  }
  return reply
}

function isTagged<T extends string>(reply: Reply, tag: T): reply is Extract<Reply, Record<T, unknown>> {
  return typeof reply === 'object' && reply !== null && tag in reply
}

function sortedPairs(flat: readonly Reply[]): Reply {
  const pairs: Reply[][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push(flat.slice(i, i + 2))
  return pairs.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
}
