/**
 * Keyspace events as messages.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Notifications } from '../../../src/engine/notifications.ts'
import { PubSub } from '../../../src/engine/pubsub.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { newClient } from './support.ts'

function listen(letters: string) {
  const settings = { 'notify-keyspace-events': letters }
  const pubsub = new PubSub()
  const { client, transport } = newClient()
  pubsub.subscribe('pattern', client, Bytes.from('*'))
  const messages = () => {
    const parts = transport.sent.split('\r\n').filter((line) => line !== '' && !/^[*$]\d+$/.test(line))
    transport.sent = ''
    const list: string[] = []
    for (let i = 0; i < parts.length; i += 4) list.push(`${parts[i + 2]} ${parts[i + 3]}`)
    return list
  }
  return { settings, notifications: new Notifications(pubsub, settings), messages }
}

const key = Bytes.from('some key')

test('both kinds of channel, the keyspace first', () => {
  const { notifications, messages } = listen('KEg')
  notifications.notify(9, 'del', key)
  assert.deepEqual(messages(), ['__keyspace@9__:some key del', '__keyevent@9__:del some key'])
})

test('only the kind and the classes that are enabled', () => {
  const { notifications, messages } = listen('E$')
  notifications.notify(0, 'del', key)
  notifications.notify(0, 'set', key)
  assert.deepEqual(messages(), ['__keyevent@0__:set some key'])
})

test('neither without a class nor without a kind', () => {
  for (const letters of ['', 'KE', 'g$']) {
    const { notifications, messages } = listen(letters)
    notifications.notify(0, 'del', key)
    assert.deepEqual(messages(), [], letters)
  }
})

test('follows the setting', () => {
  const { settings, notifications, messages } = listen('')
  assert.equal(notifications.isEnabled, false)
  settings['notify-keyspace-events'] = 'Km'
  notifications.update()
  assert.equal(notifications.isEnabled, true)
  notifications.notify(0, 'keymiss', key)
  assert.deepEqual(messages(), ['__keyspace@0__:some key keymiss'])
  settings['notify-keyspace-events'] = 'Kg'
  notifications.update()
  notifications.notify(0, 'keymiss', key)
  assert.deepEqual(messages(), [])
})
