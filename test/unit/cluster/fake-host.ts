/**
 * What a cluster's node needs of the outside, in memory: a file, a clock, ids that follow each other.
 */
import { Cluster, type ClusterHost } from '../../../src/cluster/cluster.ts'
import { Config, type ConfigValues } from '../../../src/config.ts'

export const ID = (letter: string): string => letter.repeat(40)

export class FakeHost implements ClusterHost {
  readonly config = new Config()
  readonly settings: ConfigValues = this.config.values
  readonly logged: string[] = []
  readonly log = {
    notice: (text: string) => void this.logged.push(text),
    warning: (text: string) => void this.logged.push(text),
  }
  content: string | undefined
  writes = 0
  /** Of the last write. */
  durable = false
  failure: Error | undefined
  gaveUp = false
  time = 1_000_000
  private ids = 0

  readonly file = {
    read: () => this.content,
    write: (text: string, durable: boolean) => {
      if (this.failure !== undefined) throw this.failure
      this.content = text
      this.durable = durable
      this.writes++
    },
  }

  constructor(content?: string) {
    this.content = content
  }

  set(name: string, value: string | number): void {
    this.config.set([name, String(value)])
  }

  randomId(): string {
    return String(++this.ids).padStart(40, '0')
  }

  readonly now = () => this.time

  giveUp(): void {
    this.gaveUp = true
  }
}

export function newCluster(content?: string): { host: FakeHost; cluster: Cluster } {
  const host = new FakeHost(content)
  return { host, cluster: new Cluster(host) }
}

/** Lets what follows from changes happen. */
export async function settled(): Promise<void> {
  await Promise.resolve()
}
