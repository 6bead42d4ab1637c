import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readAclFile, writeAclFile } from '../../../src/acl/acl-file.ts'
import { joinSelectors } from '../../../src/acl/rule-book.ts'
import { request, rules } from '../../support/acl-arbitraries.ts'
import { denied, makeUser, makeUsers } from './support.ts'

describe('rules as they are described', () => {
  const cases: readonly (readonly [rules: string, commands: string])[] = [
    ['+get +GET', '-@all +get'],
    ['+get -get', '-@all -get'],
    ['+config|get +config', '-@all +config'],
    ['+config +config|get', '-@all +config +config|get'],
    ['+config|get +config|set -config', '-@all -config'],
    ['+@all -@Hash +hget', '+@all -@hash +hget'],
    ['+get +@all', '+@all'],
    ['+@all -get nocommands', '-@all'],
    ['+select|0 +SELECT|1', '-@all +select|0 +select|1'],
    ['+select|0 +select', '-@all +select'],
    ['+select|AbC', '-@all +select|abc'],
    ['+@string -@string', '-@all -@string'],
    // No rule is a part of another's name.
    ['+get +getset +set', '-@all +get +getset +set'],
  ]
  for (const [text, commands] of cases) {
    test(text, () => assert.equal(makeUser(text).describe().selectors[0]!.commands, commands))
  }

  test('a new user, and one that is reset', () => {
    const fresh = makeUser('').line()
    assert.equal(fresh, 'user u off sanitize-payload resetchannels -@all')
    assert.equal(
      makeUser('on nopass >x allkeys allchannels +@all skip-sanitize-payload (+get) reset').line(),
      fresh,
    )
  })

  test('passwords and the lack of one exclude each other', () => {
    assert.deepEqual(makeUser('nopass >x').flags, ['off', 'sanitize-payload'])
    assert.equal(makeUser('>x >x >y').passwords.length, 2)
    assert.equal(makeUser('>x nopass').passwords.length, 0)
  })
})

test('what is permitted follows the last rule about it', () => {
  const user = makeUser('allkeys allchannels +@all -config +config|get -@scripting +eval')
  assert.equal(denied(user, 'config', 'get', 'x'), undefined)
  assert.equal(denied(user, 'config', 'set', 'x', 'y'), 'command')
  assert.equal(denied(user, 'eval', 'x', '0'), undefined)
  assert.equal(denied(user, 'evalsha', 'x', '0'), 'command')
  const first = makeUser('+select|0 +select|ABC')
  assert.equal(denied(first, 'select', '0'), undefined)
  assert.equal(denied(first, 'select', 'abc'), undefined)
  assert.equal(denied(first, 'select', '1'), 'command')
  assert.equal(denied(makeUser('+select|0 -select'), 'select', '0'), 'command')
  assert.equal(denied(makeUser('+select|0 +@all -@all'), 'select', '0'), 'command')
})

test('only who may do everything is unrestricted', () => {
  for (const [text, expected] of [
    ['+@all ~* &*', true],
    ['+@all ~* &* -get', false],
    ['+@all ~* &* -get +get', true],
    ['+@all ~*', false],
    ['+@all %RW~* &*', false],
    ['(+@all ~* &*)', true],
    ['+@all (~* &*)', false],
  ] as const) {
    assert.equal(makeUser(text).isUnrestricted, expected, text)
  }
})

test('a first argument is taken with a warning, unless it could not be written down', () => {
  const made = makeUsers()
  makeUser('+select|0', made)
  assert.match(made.logged[0]!, /^Deprecation warning: .*\(offender: \+select\|0\)$/)
  assert.match(String(made.users.preview('u', ['+select|a b'])), /Syntax error$/)
})

test('selectors of several arguments are joined', () => {
  assert.deepEqual(joinSelectors(['on', '(+get', '~x', '&y)', '(a)', 'off']), [
    'on',
    '(+get ~x &y)',
    '(a)',
    'off',
  ])
  assert.deepEqual(joinSelectors(['on', '(', ')']), ['on', '( )'])
  assert.deepEqual(joinSelectors(['on', '(a', '(b', 'c']), { unmatchedAt: 1 })
  assert.deepEqual(joinSelectors([]), [])
})

test('a wrong rule changes nothing, whatever came before it', () => {
  fc.assert(
    fc.property(rules, (list) => {
      const { users } = makeUsers()
      users.put(makeUser('on ~a +get (~b +set)'))
      const before = users.find('u')!.line()
      const after = users.preview('u', list)
      assert.equal(users.find('u')!.line(), before)
      if (typeof after === 'string')
        assert.match(after, /^(Error in ACL SETUSER modifier|Unmatched parenthesis)/)
    }),
  )
})

/** In Valkey too, quotes are not read back, nor is `%RW~*`, whose description is that of all keys, beside other patterns. */
const writable = rules.map((list) => list.filter((rule) => !/["\\]|%[RW]+~\*/i.test(rule)))

test('a file gives back the users that were written to it', () => {
  fc.assert(
    fc.property(writable, fc.array(request, { maxLength: 20 }), (list, requests) => {
      const { users } = makeUsers()
      const user = users.create('u')
      for (const rule of list) users.rules.apply(user, rule)
      user.settle()
      const loaded = readAclFile(writeAclFile([user]), 'file', users)
      assert.ok(typeof loaded !== 'string', String(loaded))
      const again = loaded.get('u')!
      assert.equal(again.line(), user.line())
      assert.equal(again.isUnrestricted, user.isUnrestricted)
      for (const words of requests) assert.equal(denied(again, ...words), denied(user, ...words))
    }),
  )
})

test('a copy goes its own way', () => {
  fc.assert(
    fc.property(writable, writable, (first, second) => {
      const { users } = makeUsers()
      const [user, copy] = [users.create('u'), users.create('u')]
      for (const rule of first) users.rules.apply(user, rule)
      copy.assume(user)
      const line = user.line()
      assert.equal(copy.line(), line)
      for (const rule of second) users.rules.apply(copy, rule)
      assert.equal(user.line(), line)
    }),
  )
})
