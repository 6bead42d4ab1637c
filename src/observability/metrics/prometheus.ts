/**
 * The metrics in the formats of Prometheus and OpenMetrics.
 */
import { type Metric, type OpenMetricsContentType, Registry } from 'prom-client'
import { FAMILIES } from './families.ts'
import { type Family, type Labels, NO_LABELS, type Scrape } from './family.ts'

/** For so long a text is as good as a new one. */
const SHARED_MS = 100

/** A sample as the registry prints it. */
interface PrintedSample {
  readonly metricName: string | undefined
  /** All of a sample's labels: their text is made once for each object. */
  readonly sharedLabels: Labels
  readonly labels: Labels
  readonly value: number
}

/**
 * A family as the registry knows metrics. The registry's own classes keep values; here all are in shared memory, and are
 * read when they are asked for.
 */
class CollectedFamily {
  /** OpenMetrics takes `_total` for no part of a counter's name, and the registry renames it. */
  name: string
  readonly help: string
  readonly type: string
  private readonly family: Family
  private readonly current: () => Scrape

  constructor(family: Family, current: () => Scrape, isOpenMetrics: boolean) {
    this.name = family.name
    this.help = family.help
    this.type = family.type === 'untyped' && isOpenMetrics ? 'unknown' : family.type
    this.family = family
    this.current = current
  }

  get(): { name: string; help: string; type: string; values: PrintedSample[] } {
    const values: PrintedSample[] = []
    for (const { suffix, labels, value } of this.family.samples(this.current())) {
      const metricName = suffix === undefined ? undefined : `${this.family.name}${suffix}`
      values.push({ metricName, sharedLabels: labels, labels: NO_LABELS, value })
    }
    return { name: this.name, help: this.help, type: this.type, values }
  }
}

/**
 * What a family is in a format. OpenMetrics wants quantiles from 0 to 1, those of redis_exporter's summary are percents: there
 * it is taken apart into families of no type, with the same names and labels.
 */
function formsOf(family: Family, isOpenMetrics: boolean): readonly Family[] {
  if (!isOpenMetrics || family.type !== 'summary') return [family]
  return (['', '_sum', '_count'] as const).map((suffix) => ({
    name: `${family.name}${suffix}`,
    type: 'untyped',
    help: family.help,
    *samples(scrape) {
      for (const { suffix: own = '', labels, value } of family.samples(scrape)) {
        if (own === suffix) yield { labels, value }
      }
    },
  }))
}

type AnyRegistry = Registry | Registry<OpenMetricsContentType>

/** A format, and its last text. */
class Format {
  readonly contentType: string
  private readonly registry: AnyRegistry
  private readonly take: () => Scrape
  private scrape!: Scrape
  private text: Promise<Buffer> | undefined
  private takenAt = 0

  constructor(take: () => Scrape, registry: AnyRegistry) {
    this.take = take
    this.registry = registry
    this.contentType = registry.contentType
    const isOpenMetrics = registry.contentType === Registry.OPENMETRICS_CONTENT_TYPE
    for (const family of FAMILIES.flatMap((one) => formsOf(one, isOpenMetrics))) {
      const metric = new CollectedFamily(family, () => this.scrape, isOpenMetrics)
      registry.registerMetric(metric as unknown as Metric<string>)
    }
  }

  render(): Promise<Buffer> {
    const now = performance.now()
    if (this.text === undefined || now - this.takenAt >= SHARED_MS) {
      this.takenAt = now
      this.text = this.write()
    }
    return this.text
  }

  private async write(): Promise<Buffer> {
    // One moment for all metrics.
    this.scrape = this.take()
    return Buffer.from(await this.registry.metrics())
  }
}

export class MetricsText {
  private readonly plain: Format
  private readonly open: Format

  /** `take` reads all figures. */
  constructor(take: () => Scrape) {
    const open = new Registry<OpenMetricsContentType>()
    open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    this.plain = new Format(take, new Registry())
    this.open = new Format(take, open)
  }

  /** `accept`: the header of the request. The same bytes go to all who ask at nearly the same time. */
  async render(accept: string): Promise<{ readonly contentType: string; readonly text: Buffer }> {
    const format = accept.includes('application/openmetrics-text') ? this.open : this.plain
    return { contentType: format.contentType, text: await format.render() }
  }
}
