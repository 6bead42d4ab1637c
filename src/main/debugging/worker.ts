/**
 * A debugging session: a server of its own with a copy of the keys and one client, whose script is debugged here as SCRIPT
 * DEBUG SYNC does; this thread has nothing else to do. What it leaves behind is the script's reply.
 */
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Users } from '../../acl/users.ts'
import { Cluster } from '../../cluster/cluster.ts'
import { ALL_COMMANDS } from '../../commands/all.ts'
import type { ClientTransport } from '../../commands/session.ts'
import { CommandTable } from '../../commands/table.ts'
import { Config } from '../../config.ts'
import { type Assembly, assemble } from '../../engine/assembly.ts'
import { Client } from '../../engine/client.ts'
import { Log } from '../../log.ts'
import { Args } from '../../memory/args.ts'
import { loadSnapshot } from '../../serialization/snapshot.ts'
import {
  type FromSession,
  READ,
  type SessionClient,
  type SessionCluster,
  type SessionData,
  SIGNAL,
  type ToSession,
} from './protocol.ts'

const data = workerData as SessionData
const { port, control } = data

/** Input that came while something else was waited for. */
const early: Buffer[] = []

function send(message: FromSession): void {
  port.postMessage(message)
}

/** The next message, waited for. */
function receive(): ToSession {
  for (;;) {
    const seen = Atomics.load(control, SIGNAL)
    const received = receiveMessageOnPort(port)
    if (received !== undefined) return received.message as ToSession
    Atomics.wait(control, SIGNAL, seen)
  }
}

/** When the client goes, this thread is ended. */
function read(): Buffer {
  let input = early.shift()
  while (input === undefined) {
    const message = receive()
    if ('input' in message) input = bufferOf(message.input)
  }
  Atomics.add(control, READ, input.length)
  return input
}

function info(sections: readonly string[]): string {
  send({ info: sections })
  for (;;) {
    const message = receive()
    if ('info' in message) return message.info
    early.push(bufferOf(message.input))
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function transportOf({ address, isSecure }: SessionClient): ClientTransport {
  return {
    address,
    localAddress: '',
    fd: -1,
    isUnix: false,
    isSecure,
    isLocal: false,
    inputBytes: 0,
    inputFree: 0,
    outputBytes: 0,
    owesReplies: false,
    enqueue: ({ buf, off, len }) => send({ output: new Uint8Array(buf.subarray(off, off + len)) }),
    close() {},
    resume() {},
    converse: () => ({
      read,
      write: (bytes) => send({ output: new Uint8Array(bytes) }),
      isGone: false,
      end() {},
    }),
    divert: () => Buffer.alloc(0),
  }
}

/** The node of the cluster as it was when the session began. */
function clusterOf({ nodes, isUp }: SessionCluster, config: Config): Cluster {
  const cluster = new Cluster({
    settings: config.values,
    log: { notice() {}, warning() {} },
    file: { read: () => nodes, write() {} },
    randomId: () => '',
    now: Date.now,
    giveUp() {},
  })
  cluster.state.isUp = isUp
  return cluster
}

/** A server without network, files and threads, whose keys and users are those that this one has. */
function build(commands: CommandTable, config: Config, users: Users, log: Log): Assembly {
  const parts = assemble({
    config,
    commands,
    users,
    files: { readFile: () => data.users, replaceFile() {} },
    log,
    lifecycle: { shutdown: () => false, abortShutdown: () => false, lastSave: 0 },
    interpreter: () => ({
      module: data.module,
      memoryLimit: data.config['lua-memory-limit'],
      insecureApi: data.config['lua-enable-insecure-api'],
    }),
    info,
    cluster: data.cluster && clusterOf(data.cluster, config),
    residentMemory: () => process.memoryUsage.rss(),
    sleep() {},
  })
  loadSnapshot(parts.keyspace, data.keys)
  // What the server's other clients and scripts take is not here.
  parts.used.include({ memory: data.usedMemory - parts.used.bytes })
  const errors = parts.access.load()
  if (errors !== undefined) throw new Error(errors)
  return parts
}

function run(): void {
  const config = new Config()
  // The users are read as if there were a file of them.
  Object.assign(config.values, data.config, { aclfile: 'users' })
  const commands = new CommandTable(ALL_COMMANDS)
  for (const { from, to } of data.renamedCommands) commands.rename(from, to)
  const log = new Log((line) => send({ log: line }), process.pid)
  log.settings = config.values
  const users = new Users(commands.all, config.values, log)
  const { engine, writer, clock } = build(commands, config, users, log)
  const { id, user, state } = data.client
  const client = new Client(id, transportOf(data.client), clock.now, users.default)
  client.become(users.find(user) ?? users.default, true, false)
  Object.assign(client, state, { debugMode: 'sync' })
  const args = Args.from(...data.args.map(bufferOf))
  engine.beginBatch()
  engine.execute(client, args, writer)
  send({ reply: new Uint8Array(writer.buffer.subarray(0, writer.length)) })
  port.close()
  // What the server's copy would do with time is of no use.
  process.exit()
}

run()
