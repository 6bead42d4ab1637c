/**
 * Random requests to nodes of a cluster: keys of slots that are served, served elsewhere, by nobody, on their way in either
 * direction; transactions, scripts and functions of such; and changes of all that.
 */
import fc from 'fast-check'
import { MYSELF, nodesFile, OTHER, REPLICA } from '../support/cluster.ts'
import { command, mostly, options, row, some, word } from '../support/command-arbitraries.ts'
import { type Command, differentialOfNodes } from '../support/differential.ts'
import type { Argument } from '../support/resp-client.ts'

/** Served here, and to be moved away. */
const MINE = ['{b}1', '{b}2', '{c}1', 'bar', '{bar}2']
/** Served by the other, and to be moved here. */
const THEIRS = ['foo', '{foo}1', '{foo}2', '{d}1']
/** Of slot 866, that nobody serves. */
const NOBODYS = ['hello', '{hello}1']
const SLOTS = { b: 3300, bar: 5061, foo: 12182, hello: 866 }
const OPEN = ['5061', '12182']

const key = mostly([...MINE, ...MINE, ...THEIRS], [...NOBODYS, '', '{}', '{b'])
const slot = mostly(Object.values(SLOTS).map(String), ['0', '16383', '16384', '-1', 'x', ''])
const open = mostly(OPEN, ['866', '3300', 'x'])
const node = mostly([MYSELF, OTHER], [REPLICA, 'x'.repeat(40), 'short'])
const channel = mostly(['bar', '{bar}1', 'foo'], ['hello'])

function commandsOn(key: fc.Arbitrary<Argument>): fc.Arbitrary<Command> {
  const oneKey = fc.oneof(
    command('get', key),
    command('set', key, 'v'),
    command('append', key, 'v'),
    command('incr', key),
    command('lpush', key, 'x', 'y'),
    command('sadd', key, 'x', 'y'),
    command('zadd', key, '1', 'x'),
    command('hset', key, 'f', 'v'),
    command('type', key),
    command('object', 'refcount', key),
    command('memory', 'usage', key, 'x'),
    command('expire', key, '100'),
    command('dump', key, 'x'),
    command('getbit', key, '1'),
  )

  const manyKeys = fc.oneof(
    command('mget', some(key)),
    command('mset', some(row(key, 'v'))),
    command('mset', key, 'v', key),
    command('msetnx', some(row(key, 'v'))),
    command('del', some(key)),
    command('exists', some(key)),
    command('touch', some(key)),
    command('unlink', some(key)),
    command('rename', key, key),
    command('renamenx', key, key),
    command('copy', key, key, options('replace', row('db', word('0', '1')))),
    command('lmove', key, key, 'left', 'right'),
    command('rpoplpush', key, key),
    command('lmpop', word('1', '2', '3', '0', 'x'), some(key, 3), 'left'),
    command('smove', key, key, 'x'),
    command('sinter', some(key)),
    command('sdiffstore', some(key)),
    command('sintercard', word('1', '2', '3'), some(key, 3)),
    command('zunionstore', key, word('1', '2', '3', 'x'), some(key, 3)),
    command('zinter', word('1', '2', '3'), some(key, 3), options('withscores')),
    command('zrangestore', key, key, '0', '-1'),
    command('zmpop', word('1', '2'), some(key, 3), 'min'),
    command(
      'sort',
      key,
      options(
        row('by', mostly(['nosort', '{b}w*'], ['w*', '#'])),
        row('get', mostly(['#', '{b}w*'], ['x'])),
        'alpha',
      ),
      options(row('store', key)),
    ),
    command('lcs', key, key),
  )

  return fc.oneof({ weight: 4, arbitrary: oneKey }, { weight: 5, arbitrary: manyKeys })
}

/** What a transaction may begin or end at any time; SSUBSCRIBE would leave the replies' order to chance. */
const session: fc.Arbitrary<Command> = fc.oneof(
  command('asking'),
  command('asking'),
  command('readonly'),
  command('readwrite'),
  command('multi'),
  command('exec'),
  command('exec'),
  command('discard'),
  command('watch', some(key, 2)),
  command('unwatch'),
  command('ping'),
  command('dbsize'),
  command('select', word('0', '1')),
  command('swapdb', '0', '0'),
  command('move', key, '0'),
  command('keys', mostly(['{b}*', 'bar', 'nothing*'], ['{}*'])).filter(([, pattern]) => pattern !== '{b}*'),
  command('spublish', channel, 'x'),
  command('publish', channel, 'x'),
)

/** Slots that begin their way. */
const opening: fc.Arbitrary<Command> = fc.oneof(
  command('cluster', 'setslot', open, 'migrating', node),
  command('cluster', 'setslot', open, 'migrating', OTHER),
  command('cluster', 'setslot', open, 'importing', node),
  command('cluster', 'setslot', open, 'importing', OTHER),
)

/** Slots that end it, that get an owner or lose theirs. */
const assignment: fc.Arbitrary<Command> = fc.oneof(
  command('cluster', 'setslot', open, 'stable', options(row('timeout', word('1', '-1', 'x')), 'x')),
  command('cluster', 'setslot', open, 'node', node),
  command('cluster', 'setslot', slot, word('stable', 'node', 'x')),
  command('cluster', 'addslots', some(slot, 3)),
  command('cluster', 'delslots', some(slot, 3)),
  command('cluster', 'addslotsrange', slot, slot),
  command('cluster', 'delslotsrange', word('860', '866'), word('866', '867')),
  command('cluster', 'addslotsrange', word('860', '866'), word('866', '867')),
  command('cluster', 'bumpepoch'),
)

const questions: fc.Arbitrary<Command> = fc.oneof(
  command('cluster', 'countkeysinslot', slot),
  command('cluster', 'getkeysinslot', word('0', 'x'), word('0', '-1', '5', 'x')),
  command('cluster', 'keyslot', key),
  command('cluster', 'count-failure-reports', node),
  command('cluster', 'replicate', word(MYSELF, REPLICA, OTHER, 'short')),
  command('cluster', 'forget', word(MYSELF, 'short')),
  command('cluster', 'failover', options('force', 'takeover', 'x')),
  command('cluster', 'reset', word('x', 'soft', 'hard')).filter(([, , mode]) => mode === 'x'),
  command('cluster', 'slot-stats', 'slotsrange', slot, slot),
  command(
    'cluster',
    'slot-stats',
    'orderby',
    word('key-count', 'x'),
    options(row('limit', word('2', '0', 'x')), 'asc', 'desc'),
  ),
  command('cluster', word('info', 'myid', 'myshardid', 'links', 'x', 'meet', 'saveconfig')).filter(
    ([, what]) => what !== 'info',
  ),
)

/** What differs in its order is left out. */
const scriptSession = session.filter(([name]) => !['keys', 'dbsize'].includes(String(name)))

/** A command of a script, its reply or error as a string. */
function statement(commands: fc.Arbitrary<Command>): fc.Arbitrary<string> {
  return fc
    .tuple(word('call', 'pcall', 'pcall', 'pcall'), commands)
    .map(([how, words]) => `add(redis.${how}(${words.map((w) => `'${w}'`).join(',')}))`)
}

const SHEBANGS = mostly(
  ['', '', '#!lua\n', '#!lua flags=allow-cross-slot-keys\n'],
  [
    '#!lua flags=no-writes\n',
    '#!lua flags=no-cluster\n',
    '#!lua flags=no-writes,allow-cross-slot-keys\n',
    '#!lua flags=x\n',
  ],
)

const HELPERS = `local all = {}
local function text(v)
  if type(v) ~= 'table' then return tostring(v) end
  if v.err or v.ok then return v.err or v.ok end
  local parts = {}
  for i = 1, #v do parts[i] = text(v[i]) end
  table.sort(parts)
  return table.concat(parts, ',')
end
local function add(v) all[#all + 1] = text(v) end
`

/** EVAL of scripts that call such commands, with such keys declared. */
function scriptsOf(commands: fc.Arbitrary<Command>, keys: fc.Arbitrary<Argument>): fc.Arbitrary<Command> {
  const script = fc
    .tuple(SHEBANGS, fc.array(statement(commands), { minLength: 1, maxLength: 6 }))
    .map(([shebang, statements]) => `${shebang}${HELPERS}${statements.join('\n')}\nreturn all`)
  return fc.oneof(
    command('eval', script, '0'),
    command('eval', script, '1', keys),
    command('eval', script, word('2', '1', '3', '-1', 'x'), keys, keys),
    command('eval_ro', script, '1', keys),
  )
}

const FUNCTIONS: Record<string, string> = {
  plain: '',
  cross: "'allow-cross-slot-keys'",
  read: "'no-writes'",
  read_cross: "'no-writes', 'allow-cross-slot-keys'",
  lone: "'no-cluster'",
}

/** Functions for all flags, which call the commands that they are given. */
const LIBRARY = `#!lua name=lib
local function run(_, args)
  ${HELPERS.replaceAll('\n', '\n  ')}
  for _, step in ipairs(cjson.decode(args[1])) do add(redis[step.how](unpack(step.words))) end
  return all
end
${Object.entries(FUNCTIONS)
  .map(([name, flags]) => `redis.register_function{function_name='${name}', callback=run, flags={${flags}}}`)
  .join('\n')}`

/** FCALL of functions that call such commands, with such keys declared. */
function functionsOf(commands: fc.Arbitrary<Command>, keys: fc.Arbitrary<Argument>): fc.Arbitrary<Command> {
  const name = mostly(['plain', 'plain', 'cross'], ['read', 'read_cross', 'lone', 'nothing'])
  const steps = fc
    .array(fc.record({ how: word('call', 'pcall', 'pcall', 'pcall'), words: commands }), {
      minLength: 1,
      maxLength: 6,
    })
    .map((list) => JSON.stringify(list))
  return fc.oneof(
    command('fcall', name, '0', steps),
    command('fcall', name, '1', keys, steps),
    command('fcall', name, word('2', '2', '4', '-1', 'x'), keys, keys, steps),
    command('fcall_ro', name, '1', keys, steps),
  )
}

/** As it was before, whatever came in between. */
const before: readonly Command[] = [
  ...[MINE[3]!, THEIRS[0]!].map((_, i): Command => ['cluster', 'setslot', OPEN[i]!, 'stable']),
  ['cluster', 'setslot', '5061', 'node', MYSELF],
  ['cluster', 'setslot', '12182', 'node', OTHER],
  ['cluster', 'delslots', '866'],
  ['cluster', 'delslots', '16383'],
  ['cluster', 'addslots', '3300'],
  ['cluster', 'addslots', '0'],
  ['function', 'load', 'replace', LIBRARY],
]

/** No transaction stays open. */
const after: readonly Command[] = [['discard'], ['unwatch']]

const FILE = nodesFile('0-8191', '8192-16383')

const any = commandsOn(key)

differentialOfNodes(
  'requests to a node',
  fc.oneof(
    { weight: 9, arbitrary: any },
    { weight: 3, arbitrary: session },
    { weight: 3, arbitrary: fc.oneof(assignment, opening) },
    questions,
  ),
  FILE,
  { before, after },
)

const inScripts = fc.oneof({ weight: 6, arbitrary: any }, scriptSession)

differentialOfNodes(
  'scripts and functions on a node',
  fc.oneof(
    { weight: 4, arbitrary: scriptsOf(inScripts, key) },
    { weight: 4, arbitrary: functionsOf(inScripts, key) },
    { weight: 2, arbitrary: any },
    session,
    assignment,
  ),
  FILE,
  { before, after },
)

/**
 * Where a slot is on its way, Valkey looks for the keys of a script's command in the table of the slot that the script used
 * before: scripts and functions are compared that use one slot.
 */
const ofOneSlot = fc.oneof(
  ...[
    ['bar', '{bar}1', '{bar}2'],
    ['foo', '{foo}1', '{foo}2'],
  ].flatMap((keys) => [
    scriptsOf(commandsOn(word(...keys)), word(...keys)),
    functionsOf(commandsOn(word(...keys)), word(...keys)),
  ]),
)

differentialOfNodes(
  'scripts and functions on a node whose slots are on their way',
  fc.oneof(
    { weight: 6, arbitrary: ofOneSlot },
    { weight: 2, arbitrary: any },
    { weight: 2, arbitrary: command('asking') },
    { weight: 2, arbitrary: opening },
    assignment,
  ),
  FILE,
  { before, after },
)
