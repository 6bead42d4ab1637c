/**
 * What is measured: commands as redis-benchmark sends them. `__rand_int__` becomes a random number below `keys`.
 */
export interface Scenario {
  readonly name: string
  /** Arguments behind redis-benchmark's options. */
  readonly command: readonly string[]
  /** A script to load first; its SHA1 replaces `SHA` in the command. */
  readonly script?: string
  /** Number of distinct keys. */
  readonly keys: number
  /** Requests per run and pipeline depth, before `--scale`. */
  readonly requests: { readonly p1: number; readonly p16: number }
  /** Fill `keys` keys first (the same on every server). */
  readonly fill?: boolean
}

const FAST = { p1: 100_000, p16: 600_000 }
const SLOW = { p1: 30_000, p16: 60_000 }
const KEY = 'key:__rand_int__'

const SLIDING_WINDOW = `local now = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - window)
local count = redis.call('ZCARD', KEYS[1])
if count < tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], now, ARGV[4])
  redis.call('PEXPIRE', KEYS[1], window)
  return 1
end
return 0`

export const SCENARIOS: readonly Scenario[] = [
  { name: 'GET', command: ['GET', KEY], keys: 1000, requests: FAST, fill: true },
  { name: 'SET', command: ['SET', KEY, 'value-12345'], keys: 1000, requests: FAST },
  { name: 'GET, 1M keys', command: ['GET', KEY], keys: 1_000_000, requests: FAST, fill: true },
  {
    name: 'EVALSHA GET',
    script: "return redis.call('GET', KEYS[1])",
    command: ['EVALSHA', 'SHA', '1', KEY],
    keys: 1000,
    requests: FAST,
    fill: true,
  },
  {
    name: 'EVALSHA SET',
    script: "return redis.call('SET', KEYS[1], ARGV[1])",
    command: ['EVALSHA', 'SHA', '1', KEY, 'value-12345'],
    keys: 1000,
    requests: FAST,
  },
  {
    name: 'EVALSHA INCR',
    script: "return redis.call('INCR', KEYS[1])",
    command: ['EVALSHA', 'SHA', '1', 'counter:__rand_int__'],
    keys: 1000,
    requests: FAST,
  },
  {
    name: 'EVALSHA compare-and-set',
    script: `local v = redis.call('GET', KEYS[1])
if v == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return 1
end
return 0`,
    command: ['EVALSHA', 'SHA', '1', KEY, 'value-12345', 'value-12345'],
    keys: 1000,
    requests: FAST,
    fill: true,
  },
  {
    name: 'EVALSHA sliding window',
    script: SLIDING_WINDOW,
    command: [
      'EVALSHA',
      'SHA',
      '1',
      'window:__rand_int__',
      '1700000000000',
      '60000',
      '100',
      'm:__rand_int__',
    ],
    keys: 1000,
    requests: { p1: 60_000, p16: 200_000 },
  },
  {
    name: 'EVALSHA 100 INCR',
    script: "for i = 1, 100 do redis.call('INCR', KEYS[1]) end return 1",
    command: ['EVALSHA', 'SHA', '1', 'loop:__rand_int__'],
    keys: 1000,
    requests: SLOW,
  },
  {
    name: 'EVALSHA pure Lua',
    script: 'local s = 0 for i = 1, 1000 do s = s + i % 7 end return s',
    command: ['EVALSHA', 'SHA', '0'],
    keys: 1000,
    requests: SLOW,
  },
  {
    name: 'EVALSHA cjson',
    script: `local o = cjson.decode(ARGV[1])
o.count = o.count + 1
o.tags[#o.tags + 1] = 'new'
return cjson.encode(o)`,
    command: [
      'EVALSHA',
      'SHA',
      '0',
      '{"id":12345,"name":"perilune","count":41,"tags":["a","b","c"],"nested":{"x":1.5,"y":[1,2,3]}}',
    ],
    keys: 1000,
    requests: SLOW,
  },
]
