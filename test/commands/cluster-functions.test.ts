/**
 * Which keys a function may use on a cluster's node: always as a script with a shebang, since functions declare flags.
 */
import assert from 'node:assert/strict'
import { nodesFile, OTHER, OTHER_ADDRESS, onEachNode } from '../support/cluster.ts'
import type { Call, Reply } from '../support/server.ts'
import { converse, type Exchange } from '../support/transcript.ts'

const error = (text: string): Reply => ({ error: text })

const CROSS_SLOT = error("CROSSSLOT Keys in request don't hash to the same slot")
const OTHER_SLOT = 'ERR Script attempted to access keys that do not hash to the same slot'
const NO_CLUSTER = error("ERR Can not run script on cluster, 'no-cluster' flag is set.")
const READ_ONLY_COMMAND = error('ERR Can not execute a script with write flag using *_ro command.')
const NOT_FOUND = error('ERR Function not found')
const DOWN = error('CLUSTERDOWN The cluster is down')
const READS_ONLY = error('CLUSTERDOWN The cluster is down and only accepts read commands')

/** Functions that call the command in their arguments, and of `get` all keys one after the other; by flags. */
const LIBRARY = `#!lua name=lib
local function run(keys, args)
  local reply = redis.pcall(unpack(args))
  if type(reply) ~= 'table' or not reply.err then return reply end
  return redis.error_reply((reply.err:gsub(' script: .*', '')))
end
local function both(keys)
  local first, second = redis.pcall('get', 'foo'), redis.pcall('get', 'bar')
  return {first or 'nil', second and second.err or second or 'nil'}
end
redis.register_function('run', run)
redis.register_function('both', both)
redis.register_function{function_name = 'read', callback = run, flags = {'no-writes'}}
redis.register_function{function_name = 'cross', callback = both, flags = {'allow-cross-slot-keys'}}
redis.register_function{function_name = 'any', callback = run, flags = {'allow-cross-slot-keys'}}
redis.register_function{function_name = 'lone', callback = run, flags = {'no-cluster'}}
redis.register_function{function_name = 'lone_read', callback = run, flags = {'no-cluster', 'no-writes'}}`

async function load(call: Call): Promise<void> {
  assert.equal(await call('FUNCTION', 'LOAD', 'REPLACE', LIBRARY), 'lib')
}

onEachNode('functions on a node', ({ it }) => {
  const each = (name: string, exchanges: readonly Exchange[]) =>
    it(name, async (call) => {
      await load(call)
      await converse(call, exchanges)
    })

  each('may use the keys of one slot', [
    ['SET foo 1', 'OK'],
    ['FCALL both 0', ['1', OTHER_SLOT]],
    ['FCALL both 1 foo', ['1', OTHER_SLOT]],
    ['FCALL run 1 foo GET {foo}1', null],
    ['FCALL run 1 bar GET foo', error(OTHER_SLOT)],
    ['FCALL run 0 SET bar 1', 'OK'],
    [
      'FCALL run 0 MGET foo bar',
      error("ERR Command 'mget' in script attempted to access keys that don't hash to the same slot"),
    ],
    ['FCALL run 1 foo SET bar 2', error(OTHER_SLOT)],
    ['GET bar', '1'],
    ['FCALL_RO read 1 foo GET foo', '1'],
    ['FCALL_RO read 1 foo GET bar', error(OTHER_SLOT)],
  ])

  each('unless they say otherwise', [
    ['SET bar 2', 'OK'],
    ['FCALL cross 0', ['nil', '2']],
    ['FCALL cross 1 other', ['nil', '2']],
    ['FCALL any 1 foo GET bar', '2'],
    [
      'FCALL any 0 MGET foo bar',
      error("ERR Command 'mget' in script attempted to access keys that don't hash to the same slot"),
    ],
  ])

  each('declared keys must be in one slot, whatever the flags', [
    ['FCALL both 2 foo bar', CROSS_SLOT],
    ['FCALL cross 2 foo bar', CROSS_SLOT],
    ['FCALL lone 2 foo bar', CROSS_SLOT],
    ['FCALL nothing 2 foo bar', CROSS_SLOT],
    ['FCALL_RO read 2 foo bar', CROSS_SLOT],
    ['FCALL_RO run 2 foo bar', CROSS_SLOT],
    ['FCALL cross 2 foo {foo}1', ['nil', 'nil']],
    // Where the keys cannot be told, the command says why.
    ['FCALL both x foo bar', error('ERR Bad number of keys provided')],
    ['FCALL both -1 foo bar', error("ERR Number of keys can't be negative")],
    ['FCALL both 3 foo bar', error("ERR Number of keys can't be greater than number of args")],
    ['FCALL nothing x foo bar', NOT_FOUND],
  ])

  each('some are not for clusters', [
    ['FCALL lone 0 PING', NO_CLUSTER],
    ['FCALL lone 1 foo PING', NO_CLUSTER],
    ['FCALL lone_read 0 PING', NO_CLUSTER],
    ['FCALL_RO lone_read 0 PING', NO_CLUSTER],
    // Asked before anything else is.
    ['FCALL_RO lone 0 PING', NO_CLUSTER],
    ['FCALL_RO run 0 PING', READ_ONLY_COMMAND],
    ['FCALL lone x', error('ERR Bad number of keys provided')],
    ['MULTI', 'OK'],
    ['FCALL lone 1 foo GET foo', 'QUEUED'],
    ['FCALL run 1 foo GET foo', 'QUEUED'],
    ['EXEC', [NO_CLUSTER, null]],
  ])

  each('each call anew', [
    ['FCALL run 0 GET foo', null],
    ['FCALL run 0 GET bar', null],
    ['FCALL both 0', ['nil', OTHER_SLOT]],
    ['FCALL run 0 GET bar', null],
    ['FCALL run 1 foo PING', 'PONG'],
    ['FCALL run 1 bar GET bar', null],
  ])

  each('in a transaction they are held to its keys', [
    ['MULTI', 'OK'],
    ['GET foo', 'QUEUED'],
    ['FCALL run 0 GET foo', 'QUEUED'],
    ['FCALL run 0 GET bar', 'QUEUED'],
    ['FCALL any 0 GET bar', 'QUEUED'],
    // Whoever may use any slot leaves none behind.
    ['FCALL run 0 GET bar', 'QUEUED'],
    [['EVAL', "#!lua\nreturn redis.pcall('get', 'foo').err:gsub(' script: .*', '')", '0'], 'QUEUED'],
    ['EXEC', [null, null, error(OTHER_SLOT), null, null, OTHER_SLOT]],
    ['MULTI', 'OK'],
    ['GET foo', 'QUEUED'],
    ['FCALL both 1 bar', 'QUEUED'],
    ['EXEC', CROSS_SLOT],
    ['MULTI', 'OK'],
    ['FCALL both 2 foo bar', CROSS_SLOT],
    ['EXEC', error('EXECABORT Transaction discarded because of previous errors.')],
  ])

  each('shard channels count as keys', [
    ['FCALL run 1 foo SPUBLISH foo x', 0],
    ['FCALL run 1 foo SPUBLISH bar x', error(OTHER_SLOT)],
    ['FCALL any 1 foo SPUBLISH bar x', 0],
    ['FCALL run 1 foo PUBLISH bar x', 0],
  ])

  it('libraries are loaded, dumped and restored as anywhere', async (call) => {
    await load(call)
    const payload = await call('FUNCTION', 'DUMP')
    await converse(call, [
      ['FUNCTION FLUSH', 'OK'],
      ['FCALL both 0', NOT_FOUND],
      [['FUNCTION', 'RESTORE', Buffer.from(payload as string, 'latin1')], 'OK'],
      ['FCALL both 0', ['nil', OTHER_SLOT]],
    ])
  })

  it('while the cluster is down', async (call) => {
    const inScript = (text: string) => error(`ERR Script attempted to execute a ${text}`)
    await load(call)
    await converse(call, [
      ['CLUSTER DELSLOTS 0', 'OK'],
      ['FCALL run 1 bar PING', DOWN],
      ['FCALL_RO read 1 bar PING', DOWN],
      ['FCALL run 0 PING', 'PONG'],
      ['FCALL run 0 GET bar', inScript('command while the cluster is down')],
      ['CONFIG SET cluster-allow-reads-when-down yes', 'OK'],
      ['FCALL run 1 bar PING', READS_ONLY],
      ['FCALL read 1 bar GET bar', null],
      ['FCALL_RO read 1 bar GET bar', null],
      ['FCALL run 0 GET bar', null],
      ['FCALL run 0 SET bar 1', inScript('write command while the cluster is down and readonly')],
      // A function that is not there is taken for what FCALL is.
      ['FCALL nothing 1 bar', NOT_FOUND],
      ['CONFIG SET cluster-allow-reads-when-down no', 'OK'],
      ['CLUSTER ADDSLOTS 0', 'OK'],
      ['FCALL run 0 GET bar', null],
    ])
  })
})

onEachNode(
  'functions beside another node',
  ({ it }) => {
    it('are sent on, or told that their keys are elsewhere', async (call) => {
      await load(call)
      const ask = error(`ASK 5061 ${OTHER_ADDRESS}`)
      const moved = error(`MOVED 12182 ${OTHER_ADDRESS}`)
      const elsewhere = error('ERR Script attempted to access a non local key in a cluster node')
      await converse(call, [
        ['FCALL run 1 foo PING', moved],
        ['FCALL nothing 1 foo', moved],
        ['FCALL lone 1 foo PING', moved],
        ['FCALL run 0 GET foo', elsewhere],
        ['FCALL any 0 GET foo', elsewhere],
        ['FCALL run 0 GET bar', null],
        ['SET bar 1', 'OK'],
        [`CLUSTER SETSLOT 5061 MIGRATING ${OTHER}`, 'OK'],
        ['FCALL run 1 bar GET bar', '1'],
        ['FCALL run 1 {bar}1 PING', ask],
        ['FCALL run 2 bar {bar}1 PING', error('TRYAGAIN Multiple keys request during rehashing of slot')],
        ['FCALL run 1 bar GET {bar}1', elsewhere],
        [
          'FCALL run 1 bar MGET bar {bar}1',
          error(
            "ERR Unable to execute command 'mget' in script because undeclared keys were accessed during rehashing of the slot",
          ),
        ],
        [`CLUSTER SETSLOT 12182 IMPORTING ${OTHER}`, 'OK'],
        ['FCALL run 1 foo GET foo', moved],
        ['ASKING', 'OK'],
        ['FCALL run 1 foo GET foo', null],
        ['ASKING', 'OK'],
        ['FCALL run 0 SET foo 1', 'OK'],
        ['FCALL run 0 GET foo', elsewhere],
        ['CLUSTER SETSLOT 5061 STABLE', 'OK'],
        ['CLUSTER SETSLOT 12182 STABLE', 'OK'],
      ])
    })
  },
  nodesFile('0-8191', '8192-16383'),
)
