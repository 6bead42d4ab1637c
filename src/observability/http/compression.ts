/**
 * Figures compressed for who asks for it, as Prometheus does: they are names above all, a tenth is left of them.
 */
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

const gzipped = promisify(gzip)

/** The quickest: this thread has all to answer. */
const LEVEL = constants.Z_BEST_SPEED

/** Whether an Accept-Encoding takes gzip: named, or as any, with a weight that is not 0. */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  const weights = new Map<string, number>()
  for (const part of (acceptEncoding ?? '').toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((word) => word.trim())
    const weight = parameters.find((word) => word.startsWith('q='))?.slice(2)
    weights.set(coding, weight === undefined ? 1 : Number(weight))
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0
}

export function compressed(text: Buffer): Promise<Buffer> {
  return gzipped(text, { level: LEVEL })
}
