/**
 * Keyspace events as messages: `__keyspace@0__:key` says what happened to a key, `__keyevent@0__:del` which keys it
 * happened to. `notify-keyspace-events` says which classes of events, and which of the two, are published.
 */
import { EVENTS, type KeyspaceEvent } from '../keyspace/events.ts'
import { Bytes } from '../memory/bytes.ts'
import type { PubSub } from './pubsub.ts'

const KEYSPACE_LETTER = 'K'
const KEYEVENT_LETTER = 'E'

interface NotificationSettings {
  /** Letters of classes, `A` spelled out. */
  readonly 'notify-keyspace-events': string
}

export class Notifications {
  private readonly pubsub: PubSub
  private readonly settings: NotificationSettings
  private readonly enabled = new Set<KeyspaceEvent>()
  private readonly names = new Map<KeyspaceEvent, Bytes>()

  constructor(pubsub: PubSub, settings: NotificationSettings) {
    this.pubsub = pubsub
    this.settings = settings
    this.update()
  }

  /** `notify-keyspace-events` may have changed. */
  update(): void {
    this.enabled.clear()
    const letters = this.settings['notify-keyspace-events']
    for (const [event, letter] of Object.entries(EVENTS)) {
      if (letters.includes(letter)) this.enabled.add(event as KeyspaceEvent)
    }
  }

  /** Some events are to be published. */
  get isEnabled(): boolean {
    return this.enabled.size > 0
  }

  notify(dbIndex: number, event: KeyspaceEvent, key: Bytes): void {
    if (this.pubsub.isIdle || !this.enabled.has(event)) return
    const letters = this.settings['notify-keyspace-events']
    if (letters.includes(KEYSPACE_LETTER)) {
      this.pubsub.publish(channel(`__keyspace@${dbIndex}__:`, key), this.nameOf(event))
    }
    if (letters.includes(KEYEVENT_LETTER)) {
      this.pubsub.publish(channel(`__keyevent@${dbIndex}__:`, this.nameOf(event)), key)
    }
  }

  private nameOf(event: KeyspaceEvent): Bytes {
    let name = this.names.get(event)
    if (name === undefined) {
      name = Bytes.from(event)
      this.names.set(event, name)
    }
    return name
  }
}

function channel(prefix: string, name: Bytes): Bytes {
  const buf = Buffer.allocUnsafe(prefix.length + name.len)
  buf.latin1Write(prefix, 0)
  name.buf.copy(buf, prefix.length, name.off, name.off + name.len)
  return new Bytes(buf)
}
