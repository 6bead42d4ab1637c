/**
 * A selector: commands, and the keys and channels they may name. A request is permitted when one selector of its user
 * permits all of it.
 */
import type { SelectorDescription } from '../commands/services/access-control.ts'
import { ChannelPatterns, KeyPatterns } from './patterns.ts'
import { PermittedCommands } from './permitted-commands.ts'

export class Selector {
  commands = new PermittedCommands()
  keys = new KeyPatterns()
  channels: ChannelPatterns

  /** Permits nothing but, if `allChannels`, channels. */
  constructor(allChannels: boolean) {
    this.channels = new ChannelPatterns(allChannels)
  }

  copy(): Selector {
    const copy = new Selector(false)
    copy.commands = this.commands.copy()
    copy.keys = this.keys.copy()
    copy.channels = this.channels.copy()
    return copy
  }

  /** Permits every request. */
  get isUnrestricted(): boolean {
    return this.commands.isEverything && this.keys.isAll && this.channels.isAll
  }

  describe(): SelectorDescription {
    const { commands, keys, channels } = this
    return { commands: commands.describe(), keys: keys.describe(), channels: channels.describe() }
  }

  /** As rules that make it again. */
  rules(): string {
    const { commands, keys, channels } = this.describe()
    const reset = this.channels.isAll ? '' : 'resetchannels'
    return [keys, reset, channels, commands].filter((part) => part !== '').join(' ')
  }
}
