/**
 * Who may see what over HTTP. Figures (`/metrics`, `/healthz`) and the page's own files are for everybody who can reach the
 * port. All else shows what scripts and their arguments are, or acts, and is refused unless these rules let it pass:
 *
 * - With `metrics-token` set, it must come with the request, as `Authorization: Bearer`. Browsers do not add that by
 *   themselves, so no other site can have it sent.
 * - Without, only this machine may ask: the port must be bound to a loopback address, the request must come from one, for
 *   nobody else (a proxy on this machine says in headers that it passes something on), and must name the port by one
 *   (`Host`), as a name of a stranger's that was made to point here would be taken for the stranger's site.
 * - Tokens cannot be guessed; see guesses.ts.
 * - A browser must not ask on behalf of another site (`Sec-Fetch-Site`, `Origin`).
 * - What acts must also have a header that only scripts of the page itself can set, and be JSON.
 */
import { timingSafeEqual } from 'node:crypto'
import { GUESSES_MAX, Guesses, PERIOD_MS } from './guesses.ts'
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

/** Why requests are refused, for the metrics: as another site's, as from elsewhere, by name, for its token or want of one. */
const REASONS = ['site', 'address', 'host', 'no_token', 'wrong_token', 'too_many_tokens'] as const
export type RefusalReason = (typeof REASONS)[number]

export interface Refusal {
  readonly status: 401 | 403 | 429
  readonly reason: RefusalReason
  readonly error: string
}

export interface GateSettings {
  /** What the port is bound to. */
  readonly host: string
  /** Of `metrics-token`; null where none is set. */
  readonly tokenHash: Uint8Array | null
  /** Writes a warning into the server's log. */
  warn(text: string): void
}

const LOOPBACK = /^(?:localhost|(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)\.?$/i
/** Of a socket. */
const LOOPBACK_ADDRESS = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/i
/** A request with one of these came through a proxy. */
const FORWARDED = /^(?:forwarded|via|x-real-ip|x-forwarded-.*)$/

export class Gate {
  private readonly tokenHash: Uint8Array | null
  private readonly isLocal: boolean
  private readonly guesses: Guesses
  /** How many requests were refused. */
  readonly denied = new Map<RefusalReason, number>(REASONS.map((reason) => [reason, 0]))

  constructor({ host, tokenHash, warn }: GateSettings) {
    this.tokenHash = tokenHash
    this.isLocal = LOOPBACK.test(host)
    if (tokenHash === null && !this.isLocal)
      warn(
        `WARNING: metrics-bind is ${host} and there is no metrics-token: only figures are shown, nothing of scripts.`,
      )
    this.guesses = new Guesses((address) =>
      warn(`A request with a wrong metrics-token came from ${address}. Others within a minute are not told.`),
    )
  }

  /**
   * Why a request for what is not for everybody is refused, undefined when it is not. `address` is that of the socket.
   */
  refusal(headers: RequestHeaders, address: string | undefined): Refusal | undefined {
    return this.counted(this.refusalOf(headers, address ?? ''))
  }

  /** Why a request that acts is refused, beyond that. */
  refusalToAct(headers: RequestHeaders): Refusal | undefined {
    return this.counted(actionRefusal(headers))
  }

  private refusalOf(headers: RequestHeaders, address: string): Refusal | undefined {
    if (isOfAnotherSite(headers)) return deny('site', 'not for other sites')
    if (this.tokenHash === null) return this.refusalWithoutToken(headers, address)
    return this.refusalByToken(headers, address)
  }

  private refusalWithoutToken(headers: RequestHeaders, address: string): Refusal | undefined {
    if (!this.isLocal || !LOOPBACK_ADDRESS.test(address))
      return deny('address', 'set metrics-token to see this from other machines')
    if (Object.keys(headers).some((name) => FORWARDED.test(name)))
      return deny('address', 'set metrics-token to see this through a proxy')
    if (!LOOPBACK.test(nameOf(headers.host ?? '')))
      return deny('host', 'not under this name; set metrics-token to use others')
    return undefined
  }

  private refusalByToken({ authorization }: RequestHeaders, address: string): Refusal | undefined {
    const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
    if (given === undefined) return { status: 401, reason: 'no_token', error: 'metrics-token is needed' }
    const now = performance.now()
    if (this.guesses.areTooMany(address, now)) {
      const error = `${GUESSES_MAX} wrong tokens came from your address; wait for ${PERIOD_MS / 1000} seconds`
      return { status: 429, reason: 'too_many_tokens', error }
    }
    // Of hashes the time of comparing tells nothing.
    if (timingSafeEqual(hashOf(given), this.tokenHash!)) return undefined
    this.guesses.note(address, now)
    return { status: 401, reason: 'wrong_token', error: 'wrong token' }
  }

  private counted(refusal: Refusal | undefined): Refusal | undefined {
    if (refusal !== undefined) this.denied.set(refusal.reason, this.denied.get(refusal.reason)! + 1)
    return refusal
  }
}

function actionRefusal(headers: RequestHeaders): Refusal | undefined {
  if (headers[ACTION_HEADER] !== KILL_ACTION) return deny('site', `the header ${ACTION_HEADER} is missing`)
  if (headers['sec-fetch-site'] === 'none') return deny('site', 'only the page may ask for this')
  return undefined
}

/** As a browser says; programs say nothing. */
function isOfAnotherSite({ 'sec-fetch-site': site, origin, host }: RequestHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  return origin !== undefined && !isOwnOrigin(origin, host)
}

function deny(reason: RefusalReason, error: string): Refusal {
  return { status: 403, reason, error }
}

/** `localhost` of `localhost:9121`. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '')
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const scheme = /^https?:\/\//.exec(origin)?.[0]
  return scheme !== undefined && host !== undefined && origin.slice(scheme.length) === host
}
