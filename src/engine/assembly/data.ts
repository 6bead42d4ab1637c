/**
 * The keys, and who is told when they change: transactions that watch them, and subscribers.
 */
import { hashSlot } from '../../cluster/hash-slot.ts'
import { Keyspace } from '../../keyspace/keyspace.ts'
import { SUBSCRIBERS } from '../../keyspace/keyspace-state.ts'
import { freeInBackground } from '../background-free.ts'
import { Notifications } from '../notifications.ts'
import { PubSub } from '../pubsub.ts'
import { Transactions } from '../transactions.ts'
import type { EngineHost } from './host.ts'
import type { Instruments } from './instruments.ts'

export interface Data {
  readonly keyspace: Keyspace
  readonly pubsub: PubSub
  readonly transactions: Transactions
}

export function makeData({ config, cluster, arena }: EngineHost, { clock }: Instruments): Data {
  const settings = config.values
  const keyspace = new Keyspace(settings.databases, settings, clock, cluster !== null, arena)
  const pubsub = new PubSub()
  const transactions = new Transactions(keyspace)
  const notifications = new Notifications(pubsub, settings)
  keyspace.observer = {
    touched: (dbIndex, key) => transactions.touched(dbIndex, key),
    touchedAll: (dbIndex, other) => transactions.touchedAll(dbIndex, other),
    notify: (dbIndex, event, key) => notifications.notify(dbIndex, event, key),
  }
  const updateNotifications = () => {
    notifications.update()
    keyspace.setObserved(SUBSCRIBERS, notifications.isEnabled)
  }
  config.onChange('notify-keyspace-events', updateNotifications)
  updateNotifications()
  freeInBackground(keyspace.lazyFree)
  if (cluster !== null) {
    cluster.topology.onRelease = (slot) => pubsub.dropShardChannels((channel) => hashSlot(channel) === slot)
  }
  return { keyspace, pubsub, transactions }
}
