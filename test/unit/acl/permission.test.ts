import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { READ, WRITE } from '../../../src/acl/patterns.ts'
import { permitsWithEveryKey } from '../../../src/acl/permission.ts'
import { Args } from '../../../src/memory/args.ts'
import { denied, makeUser, table } from './support.ts'

describe('keys', () => {
  const user = makeUser('%R~r* %W~w* ~b* +@all &*')

  test('are read and written by different permissions', () => {
    assert.equal(denied(user, 'get', 'r'), undefined)
    assert.equal(denied(user, 'get', 'w'), 'key 1')
    assert.equal(denied(user, 'set', 'w', 'x'), undefined)
    assert.equal(denied(user, 'set', 'r', 'x'), 'key 1')
    assert.equal(denied(user, 'set', 'w', 'x', 'get'), 'key 1')
    assert.equal(denied(user, 'incr', 'b'), undefined)
    assert.equal(denied(user, 'incr', 'w'), 'key 1')
    assert.equal(denied(user, 'del', 'w'), undefined)
  })

  test('the first that is denied is told', () => {
    assert.equal(denied(user, 'mget', 'r', 'b', 'x', 'y'), 'key 3')
    assert.equal(denied(user, 'copy', 'w', 'w'), 'key 1')
    assert.equal(denied(user, 'copy', 'r', 'r'), 'key 2')
  })

  test('permissions of two patterns add up only where the pattern is the same', () => {
    assert.equal(denied(makeUser('%R~x %W~x +incr'), 'incr', 'x'), undefined)
    assert.equal(denied(makeUser('%R~x %W~* +incr'), 'incr', 'x'), 'key 1')
  })

  test('a request that is cut short has none', () => {
    assert.equal(denied(user, 'get'), undefined)
    assert.equal(denied(user, 'sort'), undefined)
    assert.equal(denied(user, 'eval', 'x'), undefined)
    assert.equal(denied(makeUser(''), 'get'), 'command')
  })
})

describe('channels', () => {
  test('names match, patterns are compared', () => {
    const user = makeUser('+@all allkeys &a* &b?')
    assert.equal(denied(user, 'subscribe', 'a1', 'b1', 'c'), 'channel 3')
    assert.equal(denied(user, 'psubscribe', 'a*', 'a1'), 'channel 2')
    assert.equal(denied(user, 'publish', 'c', 'a'), 'channel 1')
    assert.equal(denied(user, 'publish', 'a', 'c'), undefined)
    assert.equal(denied(user, 'unsubscribe', 'c'), undefined)
    assert.equal(denied(user, 'ssubscribe', 'c'), 'channel 1')
  })
})

describe('selectors', () => {
  test('what came nearest to being permitted is told', () => {
    assert.equal(denied(makeUser('+set ~x (+get ~y)'), 'get', 'z'), 'key 1')
    assert.equal(denied(makeUser('+set ~x (+get ~y)'), 'del', 'z'), 'command')
    assert.equal(denied(makeUser('+mget ~a (+mget ~a ~b)'), 'mget', 'a', 'b', 'c'), 'key 3')
    assert.equal(denied(makeUser('+publish &a (+publish &b)'), 'publish', 'c', 'm'), 'channel 1')
  })

  test('do not complete each other', () => {
    const user = makeUser('+get ~a (+set ~b)')
    assert.equal(denied(user, 'get', 'b'), 'key 1')
    assert.equal(denied(user, 'set', 'b', 'x'), undefined)
    assert.equal(denied(user, 'set', 'a', 'x'), 'key 1')
  })
})

test('reading any key asks for a pattern of all keys beside the request itself', () => {
  const args = Args.from('sort', 'a')
  const may = (rules: string, access = READ) =>
    permitsWithEveryKey(makeUser(rules), table.resolve(args)!, args, access)
  assert.ok(may('+@all allkeys'))
  assert.ok(may('+sort %R~* ~a'))
  assert.ok(!may('+sort ~a*'))
  assert.ok(!may('+get %R~*'))
  assert.ok(!may('+sort ~a (+get %R~*)'))
  assert.ok(may('+get (+sort ~*)'))
  assert.ok(!may('+sort %R~* ~a', WRITE))
})
