/**
 * Certificates for tests of TLS, made as they are needed: an authority, and who it vouches for. They are X.509 in DER, as
 * little of it as OpenSSL asks for, with keys on the curve P-256.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** Somebody who can prove to be who the certificate says; both in PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

export interface IssueOptions {
  /** Days from now, in the past for one that has expired. */
  readonly days?: number
  /** The key is encrypted with it. */
  readonly password?: string
}

const DAY_MS = 86_400_000
const VALID_DAYS = 30

const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const SEQUENCE = 0x30
const SET = 0x31
const VERSION = 0xa0
const EXTENSIONS = 0xa3
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

const ECDSA_WITH_SHA256 = sequence(object('2a8648ce3d040302'))
const COMMON_NAME = object('550403')
const BASIC_CONSTRAINTS = object('551d13')
const ALTERNATIVE_NAMES = object('551d11')
const TRUE = Buffer.from('0101ff', 'hex')
const LOCALHOST = Buffer.from([127, 0, 0, 1])

export class Authority {
  readonly cert: string
  private readonly name: string
  private readonly key: KeyObject

  constructor(name: string) {
    this.name = name
    const { privateKey, publicKey } = keyPair()
    this.key = privateKey
    this.cert = this.certify(name, publicKey, VALID_DAYS, extension(BASIC_CONSTRAINTS, TRUE))
  }

  /** The name under which OpenSSL looks for it in a folder of authorities: a hash of its name, spelt in its own way. */
  get fileName(): string {
    const canonical = distinguished(this.name.toLowerCase()).subarray(2)
    const hash = createHash('sha1').update(canonical).digest().readUInt32LE()
    return `${hash.toString(16).padStart(8, '0')}.0`
  }

  /** Vouches for a server on this machine, or for a client. */
  issue(name: string, { days = VALID_DAYS, password }: IssueOptions = {}): Identity {
    const { privateKey, publicKey } = keyPair()
    const names = sequence(der(DNS_NAME, Buffer.from('localhost')), der(IP_ADDRESS, LOCALHOST))
    const format = { type: 'pkcs8', format: 'pem' } as const
    const encryption = password === undefined ? {} : { cipher: 'aes-256-cbc', passphrase: password }
    return {
      cert: this.certify(name, publicKey, days, sequence(ALTERNATIVE_NAMES, der(OCTET_STRING, names))),
      key: privateKey.export({ ...format, ...encryption }).toString(),
    }
  }

  private certify(name: string, key: KeyObject, days: number, extensions: Buffer): string {
    const now = Date.now()
    const content = sequence(
      der(VERSION, der(INTEGER, Buffer.from([2]))),
      der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      ECDSA_WITH_SHA256,
      distinguished(this.name),
      sequence(time(now - VALID_DAYS * DAY_MS), time(now + days * DAY_MS)),
      distinguished(name),
      key.export({ type: 'spki', format: 'der' }),
      der(EXTENSIONS, sequence(extensions)),
    )
    return pem(sequence(content, ECDSA_WITH_SHA256, bitString(sign('sha256', content, this.key))))
  }
}

function keyPair(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const long =
    content.length > 0xff ? [0x82, content.length >> 8, content.length & 0xff] : [0x81, content.length]
  const length = content.length < 0x80 ? [content.length] : long
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return der(SEQUENCE, ...parts)
}

function object(hex: string): Buffer {
  return der(OBJECT, Buffer.from(hex, 'hex'))
}

function bitString(bytes: Buffer): Buffer {
  return der(BIT_STRING, Buffer.from([0]), bytes)
}

function extension(id: Buffer, critical: Buffer): Buffer {
  return sequence(id, critical, der(OCTET_STRING, sequence(TRUE)))
}

function distinguished(name: string): Buffer {
  return sequence(der(SET, sequence(COMMON_NAME, der(UTF8_STRING, Buffer.from(name)))))
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)
  return der(UTC_TIME, Buffer.from(`${digits}Z`))
}

function pem(content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
