/**
 * Who may see what over HTTP. Figures (`/metrics`, `/healthz`) and the page's own files are for everybody who can reach the
 * port. All else shows what scripts and their arguments are, or acts, and is refused unless these rules let it pass:
 *
 * - With `metrics-token` set, it must come with the request, as `Authorization: Bearer`. Browsers do not add that by
 *   themselves, so no other site can have it sent.
 * - Without, only this machine may ask: the port must be bound to a loopback address, and the request must name it by one
 *   (`Host`), as a name of a stranger's that was made to point here would be taken for the stranger's site.
 * - A browser must not ask on behalf of another site (`Sec-Fetch-Site`).
 * - What acts must also have a header that only scripts of the page itself can set, be JSON, and come from the page's own
 *   origin, when it comes from a browser.
 */
import { timingSafeEqual } from 'node:crypto'
import { hashOf } from './token.ts'

/** Requests that act must have it, with the value below. */
const ACTION_HEADER = 'x-perilune-action'
const KILL_ACTION = 'kill'

/** Of a request, in small letters. */
export interface RequestHeaders {
  readonly [name: string]: string | string[] | undefined
  readonly host?: string | undefined
  readonly origin?: string | undefined
  readonly authorization?: string | undefined
}

export interface Refusal {
  readonly status: 401 | 403
  readonly error: string
}

export interface GateSettings {
  /** What the port is bound to. */
  readonly host: string
  /** Of `metrics-token`; null where none is set. */
  readonly tokenHash: Uint8Array | null
}

const LOOPBACK = /^(?:localhost|(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)\.?$/i

export class Gate {
  private readonly tokenHash: Uint8Array | null
  private readonly isLocal: boolean

  constructor({ host, tokenHash }: GateSettings) {
    this.tokenHash = tokenHash
    this.isLocal = LOOPBACK.test(host)
  }

  /** Why a request for what is not for everybody is refused, undefined when it is not. */
  refusal(headers: RequestHeaders): Refusal | undefined {
    const site = headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return deny('not for other sites')
    return this.tokenHash === null ? this.refusalWithoutToken(headers) : this.refusalByToken(headers)
  }

  /** Why a request that acts is refused, beyond that. */
  refusalToAct(headers: RequestHeaders): Refusal | undefined {
    if (headers[ACTION_HEADER] !== KILL_ACTION) return deny(`the header ${ACTION_HEADER} is missing`)
    const { origin, host } = headers
    if (headers['sec-fetch-site'] === 'none') return deny('only the page may ask for this')
    if (origin !== undefined && !isOwnOrigin(origin, host)) return deny('not for other sites')
    return undefined
  }

  private refusalWithoutToken({ host }: RequestHeaders): Refusal | undefined {
    if (!this.isLocal) return deny('set metrics-token to see this from other machines')
    if (!LOOPBACK.test(nameOf(host ?? '')))
      return deny('not under this name; set metrics-token to use others')
    return undefined
  }

  private refusalByToken({ authorization }: RequestHeaders): Refusal | undefined {
    const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
    // Of hashes the time of comparing tells nothing.
    if (given !== undefined && timingSafeEqual(hashOf(given), this.tokenHash!)) return undefined
    return { status: 401, error: given === undefined ? 'metrics-token is needed' : 'wrong token' }
  }
}

function deny(error: string): Refusal {
  return { status: 403, error }
}

/** `localhost` of `localhost:9121`. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '')
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const scheme = /^https?:\/\//.exec(origin)?.[0]
  return scheme !== undefined && host !== undefined && origin.slice(scheme.length) === host
}
