import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AclLog, type DeniedAccess } from '../../../src/acl/acl-log.ts'

function access(object: string, changes: Partial<DeniedAccess> = {}): DeniedAccess {
  return { reason: 'key', context: 'toplevel', object, user: 'u', client: 'id=1', ...changes }
}

test('the same again is counted, the newest first', () => {
  const log = new AclLog({ 'acllog-max-len': 128 })
  log.add(access('a'), 1000)
  log.add(access('b'), 2000)
  log.add(access('a', { client: 'id=2' }), 3000)
  assert.deepEqual(log.newest(10), [
    { ...access('a'), client: 'id=2', id: 0, count: 2, createdAt: 1000, updatedAt: 3000 },
    { ...access('b'), id: 1, count: 1, createdAt: 2000, updatedAt: 2000 },
  ])
  assert.deepEqual(log.denied, { auth: 0, command: 0, key: 3, channel: 0 })
})

test('what differs, or is long ago, is not the same', () => {
  const log = new AclLog({ 'acllog-max-len': 128 })
  log.add(access('a'), 0)
  for (const changes of [{ reason: 'command' }, { context: 'lua' }, { user: 'v' }] as const) {
    log.add(access('a', changes), 0)
  }
  assert.equal(log.newest(10).length, 4)
  log.add(access('a'), 60_000)
  assert.equal(log.newest(10).length, 4)
  log.add(access('a'), 120_001)
  assert.equal(log.newest(10).length, 5)
})

test('only among the newest is the same looked for', () => {
  const log = new AclLog({ 'acllog-max-len': 128 })
  log.add(access('old'), 0)
  for (let i = 0; i < 10; i++) log.add(access(`key${i}`), 0)
  log.add(access('old'), 0)
  assert.equal(log.newest(100).length, 12)
})

test('holds no more than it may', () => {
  const settings = { 'acllog-max-len': 3 }
  const log = new AclLog(settings)
  for (let i = 0; i < 5; i++) log.add(access(`key${i}`), 0)
  assert.deepEqual(
    log.newest(10).map((entry) => entry.object),
    ['key4', 'key3', 'key2'],
  )
  assert.equal(log.newest(1).length, 1)
  settings['acllog-max-len'] = 0
  log.add(access('key5'), 0)
  assert.deepEqual(log.newest(10), [])
  assert.equal(log.denied.key, 6)
})
