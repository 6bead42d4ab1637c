/**
 * Commands on the connection itself: AUTH, HELLO, PING, ECHO, SELECT, QUIT, RESET.
 */
import { fail, failWith } from '../../errors.ts'
import type { Args } from '../../memory/args.ts'
import { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { REDIS_VERSION, VALKEY_VERSION } from '../../version.ts'
import { failArity, hasMore, int32Arg, integerArg } from '../arguments.ts'
import { clientNameArg } from '../client/attributes.ts'
import type { Context } from '../context.ts'
import { ALLOW_BUSY, FAST, LOADING, NO_AUTH, NOSCRIPT, STALE } from '../flags.ts'
import { redact } from '../redact.ts'
import type { CommandSpec } from '../spec.ts'
import { logIn } from './authentication.ts'

const SESSION = NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY

/** Whose password the old form of AUTH gives. */
const defaultUser = Bytes.from('default')

function runAuth(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 3) fail('syntax')
  const user = args.count === 3 ? args.at(1) : defaultUser
  const password = args.at(args.count - 1)
  try {
    if (args.count === 2 && ctx.server.access.isPasswordless) {
      failWith(
        'ERR AUTH <password> called without any password configured for the default user. ' +
          'Are you sure your configuration is correct?',
      )
    }
    logIn(ctx, args, user, password)
  } finally {
    for (let i = 1; i < args.count; i++) redact(args.at(i))
  }
  reply.ok()
}

/** The options of HELLO: positions of user and password, the name. */
interface HelloOptions {
  auth: number
  name: string | undefined
}

function helloOptions(args: Args): HelloOptions {
  const options: HelloOptions = { auth: 0, name: undefined }
  for (let i = 2; i < args.count; i++) {
    const word = args.at(i)
    if (word.is('AUTH') && hasMore(args, i, 2)) {
      options.auth = i + 1
      i += 2
    } else if (word.is('SETNAME') && hasMore(args, i)) {
      options.name = clientNameArg(args.at(++i))
    } else {
      failWith(`ERR Syntax error in HELLO option '${word.printed()}'`)
    }
  }
  return options
}

function runHello(ctx: Context, args: Args, reply: ReplySink): void {
  const { client } = ctx
  let version = client.protocol
  if (args.count > 1) {
    version = integerArg(args.at(1), 'ERR Protocol version is not an integer or out of range')
    if (version !== 2 && version !== 3) failWith('NOPROTO unsupported protocol version')
  }
  const { auth, name } = helloOptions(args)
  if (auth > 0) {
    try {
      logIn(ctx, args, args.at(auth), args.at(auth + 1))
    } finally {
      redact(args.at(auth))
      redact(args.at(auth + 1))
    }
  }
  if (!client.hasLoggedIn) {
    failWith(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> ' +
        'AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol ' +
        'version at the same time',
    )
  }
  if (name !== undefined) client.name = name
  ctx.setProtocol(version)
  replyHello(ctx, reply)
}

function replyHello(ctx: Context, reply: ReplySink): void {
  const zone = ctx.config['availability-zone']
  const asRedis = ctx.config['extended-redis-compatibility']
  reply.map(zone === '' ? 7 : 8)
  reply.text('server')
  reply.text(asRedis ? 'redis' : 'valkey')
  reply.text('version')
  reply.text(asRedis ? REDIS_VERSION : VALKEY_VERSION)
  reply.text('proto')
  reply.integer(ctx.client.protocol)
  reply.text('id')
  reply.integer(ctx.client.id)
  reply.text('mode')
  reply.text(ctx.server.cluster === null ? 'standalone' : 'cluster')
  reply.text('role')
  reply.text('master')
  reply.text('modules')
  reply.array(0)
  if (zone !== '') {
    reply.text('availability_zone')
    reply.text(zone)
  }
}

function runPing(ctx: Context, args: Args, reply: ReplySink): void {
  if (args.count > 2) failArity('ping')
  if (ctx.client.inSubscribedMode) {
    reply.array(2)
    reply.text('pong')
    if (args.count === 2) reply.bulk(args.at(1))
    else reply.text('')
  } else if (args.count === 2) reply.bulk(args.at(1))
  else reply.status('PONG')
}

function runSelect(ctx: Context, args: Args, reply: ReplySink): void {
  const index = int32Arg(args.at(1))
  if (ctx.server.cluster !== null && index !== 0) failWith('ERR SELECT is not allowed in cluster mode')
  if (index < 0 || index >= ctx.config.databases) fail('dbIndexRange')
  ctx.selectDatabase(index)
  reply.ok()
}

/** Back to what a new connection is; the library's name stays, as the same library is at the other end. */
function runReset(ctx: Context, _args: Args, reply: ReplySink): void {
  const { client } = ctx
  ctx.server.monitor.remove(client)
  ctx.server.transactions.discard(client)
  ctx.server.pubsub.unsubscribeAll(client)
  ctx.selectDatabase(0)
  ctx.setProtocol(2)
  ctx.server.access.logOut(client)
  client.name = ''
  client.noEvict = false
  client.noTouch = false
  client.asking = false
  client.readOnly = false
  client.replyMode = 'on'
  reply.status('RESET')
}

export const connectionCommands: readonly CommandSpec[] = [
  {
    name: 'auth',
    summary: 'Logs the connection in.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of passwords defined for the user',
    group: 'connection',
    arity: -2,
    flags: SESSION,
    acl: ['connection'],
    keys: [],
    run: runAuth,
  },
  {
    name: 'hello',
    summary: 'Chooses the protocol and describes the server.',
    since: '6.0.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: -1,
    flags: SESSION,
    acl: ['connection'],
    keys: [],
    run: runHello,
  },
  {
    name: 'ping',
    summary: 'Answers PONG, or the message given.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: -1,
    flags: FAST,
    acl: ['connection'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    keys: [],
    run: runPing,
  },
  {
    name: 'echo',
    summary: 'Answers the message given.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: 2,
    flags: LOADING | STALE | FAST,
    acl: ['connection'],
    keys: [],
    run: (_ctx, args, reply) => reply.bulk(args.at(1)),
  },
  {
    name: 'select',
    summary: 'Selects the database of the connection.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: 2,
    flags: LOADING | STALE | FAST,
    acl: ['connection'],
    keys: [],
    run: runSelect,
  },
  {
    name: 'quit',
    summary: 'Closes the connection.',
    since: '1.0.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: -1,
    flags: SESSION,
    acl: ['connection'],
    keys: [],
    run(ctx, _args, reply) {
      reply.ok()
      ctx.client.closeAfterReply = true
    },
  },
  {
    name: 'reset',
    summary: 'Makes the connection as good as new.',
    since: '6.2.0',
    complexity: 'O(1)',
    group: 'connection',
    arity: 1,
    flags: SESSION,
    acl: ['connection'],
    keys: [],
    run: runReset,
  },
]
