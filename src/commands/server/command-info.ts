/**
 * A command as COMMAND INFO describes it.
 */
import type { ReplySink } from '../../protocol/reply-sink.ts'
import { FLAG_NAMES } from '../flags.ts'
import type { KeySpec } from '../key-spec.ts'
import type { ListedCommand } from '../services/commands.ts'

/** A set of simple strings. */
export function replyFlags(reply: ReplySink, names: readonly string[]): void {
  reply.set(names.length)
  for (const name of names) reply.status(name)
}

export function replyCommandInfo(reply: ReplySink, command: ListedCommand): void {
  const { spec, keyRange } = command
  reply.array(10)
  reply.text(command.name)
  reply.integer(command.arity)
  replyFlags(
    reply,
    FLAG_NAMES.filter(([bit]) => (command.flags & bit) !== 0).map(([, name]) => name),
  )
  reply.integer(keyRange.first)
  reply.integer(keyRange.last)
  reply.integer(keyRange.step)
  replyFlags(
    reply,
    command.categories.map((category) => `@${category}`),
  )
  const tips = spec.tips ?? []
  reply.set(tips.length)
  for (const tip of tips) reply.text(tip)
  reply.set(spec.keys.length)
  for (const keys of spec.keys) replyKeySpec(reply, keys)
  const subcommands = command.subcommands?.values ?? []
  // A command without subcommands answers an empty set, others an array.
  if (subcommands.length === 0) reply.set(0)
  else reply.array(subcommands.length)
  for (const subcommand of subcommands) replyCommandInfo(reply, subcommand)
}

function replyKeySpec(reply: ReplySink, keys: KeySpec): void {
  reply.map(keys.notes === undefined ? 3 : 4)
  if (keys.notes !== undefined) {
    reply.text('notes')
    reply.text(keys.notes)
  }
  reply.text('flags')
  replyFlags(reply, keys.flags)
  reply.text('begin_search')
  replySearch(reply, beginSearch(keys))
  reply.text('find_keys')
  replySearch(reply, findKeys(keys))
}

type Search = readonly [type: string, facts: readonly (readonly [string, string | number])[]]

function beginSearch({ begin }: KeySpec): Search {
  if (begin === 'unknown') return ['unknown', []]
  if ('index' in begin) return ['index', [['index', begin.index]]]
  return [
    'keyword',
    [
      ['keyword', begin.keyword],
      ['startfrom', begin.startFrom],
    ],
  ]
}

function findKeys({ find }: KeySpec): Search {
  if (find === 'unknown') return ['unknown', []]
  if ('last' in find) {
    return [
      'range',
      [
        ['lastkey', find.last],
        ['keystep', find.step],
        ['limit', find.limit],
      ],
    ]
  }
  return [
    'keynum',
    [
      ['keynumidx', find.numkeysAt],
      ['firstkey', find.first],
      ['keystep', find.step],
    ],
  ]
}

function replySearch(reply: ReplySink, [type, facts]: Search): void {
  reply.map(2)
  reply.text('type')
  reply.text(type)
  reply.text('spec')
  reply.map(facts.length)
  for (const [name, value] of facts) {
    reply.text(name)
    if (typeof value === 'number') reply.integer(value)
    else reply.text(value)
  }
}
