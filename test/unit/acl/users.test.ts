import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { channelsLeft, listensBeyond } from '../../../src/acl/lost-channels.ts'
import { hashPassword } from '../../../src/acl/user.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { denied, makeUser, makeUsers } from './support.ts'

describe('users', () => {
  test('default is there and may do everything', () => {
    const { users } = makeUsers()
    assert.deepEqual(
      users.all().map((user) => user.line()),
      ['user default on nopass sanitize-payload ~* &* +@all'],
    )
    assert.equal(users.mustLogIn, false)
  })

  test('a password for default asks everybody to log in', () => {
    const { users } = makeUsers()
    users.setDefaultPassword('\xff')
    assert.equal(users.mustLogIn, true)
    assert.deepEqual(users.default.passwords, [hashPassword(Buffer.from([0xff]))])
    users.setDefaultPassword('')
    assert.equal(users.mustLogIn, false)
    users.rules.apply(users.default, 'off')
    assert.equal(users.mustLogIn, true)
  })

  test('are sorted by bytes', () => {
    const { users } = makeUsers()
    for (const name of ['b', '\xff', 'a', 'B', '']) users.put(users.create(name))
    assert.deepEqual(
      users.all().map((user) => user.name),
      ['', 'B', 'a', 'b', 'default', '\xff'],
    )
  })

  test('stay the same object while they change', () => {
    const { users } = makeUsers()
    const user = users.put(makeUser('+get'))
    assert.equal(users.put(makeUser('+set')), user)
    assert.equal(user.describe().selectors[0]!.commands, '-@all +set')
  })

  test('accept their passwords when they are enabled', () => {
    const accepts = (rules: string, password: string) => makeUser(rules).accepts(Bytes.from(password))
    assert.ok(accepts('on >a >b', 'b'))
    assert.ok(!accepts('on >a >b', 'c'))
    assert.ok(!accepts('on', ''))
    assert.ok(!accepts('off >a', 'a'))
    assert.ok(accepts('on nopass', 'whatever'))
    assert.ok(!accepts('nopass', 'whatever'))
  })

  test('of the configuration are checked at once and made later', () => {
    const made = makeUsers()
    const { users, settings } = made
    users.declare(['user', 'a', 'on', '(+get', '~x)'])
    users.declare(['user', 'default', 'on', '~x', '+@all'])
    assert.equal(users.find('a'), undefined)
    users.loadDeclared()
    assert.deepEqual(users.declarations(), [
      'user a on sanitize-payload resetchannels -@all (~x resetchannels -@all +get)',
      'user default on sanitize-payload ~x resetchannels +@all',
    ])
    settings.aclfile = 'file'
    assert.deepEqual(users.declarations(), [])
  })
})

describe('lost channels', () => {
  const subscriber = (channels: string[], patterns: string[] = []) => ({
    channels: new Set(channels),
    patterns: new Set(patterns),
    shardChannels: null,
  })

  test('the same patterns, or more, lose none', () => {
    assert.equal(channelsLeft(makeUser('&a &b'), makeUser('&b (&a) &c')), undefined)
    assert.equal(channelsLeft(makeUser('allchannels'), makeUser('(allchannels)')), undefined)
    assert.deepEqual(channelsLeft(makeUser('allchannels'), makeUser('&*x (&y)'))?.texts, ['*x', 'y'])
  })

  test('subscribers are asked what they listen to', () => {
    const left = channelsLeft(makeUser('&a* &b'), makeUser('&a*'))!
    assert.ok(!listensBeyond(subscriber(['a1', 'a2'], ['a*']), left))
    assert.ok(listensBeyond(subscriber(['b']), left))
    assert.ok(listensBeyond(subscriber([], ['a1']), left))
    assert.ok(!listensBeyond({ channels: null, patterns: null, shardChannels: null }, left))
  })

  test('nobody keeps a channel that a new subscription would be denied', () => {
    const pattern = fc.constantFrom('&a*', '&a', '&b', '&?', '&[ab]', '(&b)', 'allchannels')
    const user = fc.uniqueArray(pattern, { maxLength: 3 }).map((list) => {
      // Nothing can be added to all.
      const sorted = list.sort((x, y) => (x === 'allchannels' ? 1 : y === 'allchannels' ? -1 : 0))
      return makeUser(['+subscribe', ...sorted].join(' '))
    })
    fc.assert(
      fc.property(user, user, fc.constantFrom('a', 'b', 'ab', 'c'), (before, after, channel) => {
        fc.pre(denied(before, 'subscribe', channel) === undefined)
        const left = channelsLeft(before, after)
        const ends = left !== undefined && listensBeyond(subscriber([channel]), left)
        const permitted = [after.root, ...after.selectors].some(({ channels }) =>
          channels.permit(Bytes.from(channel)),
        )
        assert.equal(ends, !permitted)
      }),
    )
  })
})
