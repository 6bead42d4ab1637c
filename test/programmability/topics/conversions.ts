/** What commands answer as Lua values: every kind of reply, under both settings of redis.setresp. */
import { type Case, evaluation, SHOW, topicOf, words } from '../case.ts'

/** Makes one key of every type. */
const PRELUDE = [
  ['SET', 'string', 'value'],
  ['SET', 'number', '10'],
  ['SET', 'binary', '\0\r\n\xff'],
  ['RPUSH', 'list', 'a', 'b', 'c'],
  ['SADD', 'set', '1', '2', '3'],
  ['SADD', 'one', 'x'],
  ['HSET', 'hash', 'f', 'v', 'g', '2'],
  ['ZADD', 'zset', '1', 'one', '2.5', 'two', 'inf', 'big', '-0', 'zero', '0.1', 'tenth', '1e21', 'large'],
]

const CALLS = words`
  'get', 'string'  'get', 'none'  'get', 'binary'  'get', 'list'  'set', 'new', 'x'
  'set', 'string', 'x', 'nx'  'set', 'string', 'x', 'get'  'set', 'none', 'x', 'get'
  'append', 'string', 'x'  'strlen', 'string'  'incr', 'number'  'incr', 'string'
  'incrbyfloat', 'number', '0.1'  'decrby', 'number', 9223372036854775807
  'incrby', 'number', '9223372036854775800'  'getrange', 'string', 0, -1  'mget', 'string', 'none', 'list'
  'exists', 'string', 'none'  'type', 'zset'  'type', 'none'  'ttl', 'none'  'ttl', 'string'
  'object', 'encoding', 'list'  'object', 'encoding', 'none'  'rename', 'none', 'x'  'keys', 'on*'
  'dbsize'  'lrange', 'list', 0, -1  'lrange', 'none', 0, -1  'lindex', 'list', 9  'lpop', 'list'
  'lpop', 'none'  'lpop', 'list', 2  'lpop', 'none', 2  'lpos', 'list', 'b'  'lpos', 'list', 'z'
  'lpos', 'list', 'b', 'count', 0  'lmpop', 1, 'list', 'left'  'lmpop', 1, 'none', 'left'
  'smembers', 'set'  'smembers', 'none'  'sismember', 'set', 1  'smismember', 'set', 1, 9  'spop', 'one'
  'spop', 'none'  'srandmember', 'none'  'srandmember', 'none', 2  'sinter', 'set', 'none'
  'sunion', 'one', 'none'  'sintercard', 1, 'set'  'sscan', 'one', 0  'hgetall', 'hash'  'hgetall', 'none'
  'hget', 'hash', 'x'  'hmget', 'hash', 'f', 'x'  'hkeys', 'hash'  'hrandfield', 'none'
  'hrandfield', 'none', 1, 'withvalues'  'hincrbyfloat', 'hash', 'g', '0.5'  'hscan', 'hash', 0
  'hset', 'hash', 'n', 1  'zscore', 'zset', 'two'  'zscore', 'zset', 'none'  'zscore', 'zset', 'big'
  'zscore', 'zset', 'zero'  'zscore', 'zset', 'large'  'zmscore', 'zset', 'one', 'none', 'two'
  'zrange', 'zset', 0, -1  'zrange', 'zset', 0, -1, 'withscores'
  'zrangebyscore', 'zset', '-inf', '+inf', 'withscores'  'zrangebylex', 'zset', '-', '+'
  'zrank', 'zset', 'two'  'zrank', 'zset', 'none'  'zrank', 'zset', 'two', 'withscore'
  'zrank', 'zset', 'none', 'withscore'  'zincrby', 'zset', 1, 'one'  'zadd', 'zset', 'incr', 1, 'one'
  'zadd', 'zset', 'nx', 'incr', 1, 'one'  'zpopmin', 'zset'  'zpopmin', 'none'  'zpopmax', 'zset', 2
  'zmpop', 1, 'zset', 'min'  'zmpop', 1, 'none', 'min'  'zrandmember', 'none'
  'zrandmember', 'none', 2, 'withscores'  'zunion', 1, 'zset', 'withscores'  'zdiff', 2, 'zset', 'none'
  'zscan', 'zset', 0  'echo', 'x'  'ping'  'ping', 'x'  'time', 'x'  'config', 'get', 'maxmemory'
  'config', 'get', 'nope'  'command', 'count', 'x'  'command', 'getkeys', 'get', 'k'
  'command', 'info', 'nope'  'client', 'getname'  'client', 'list', 'x'  'memory', 'usage', 'none'
  'lolwut', 'version', 'x'  'publish', 'c', 'm'  'pubsub', 'channels'  'pubsub', 'numsub', 'c'
  'debug', 'protocol', 'string'  'debug', 'protocol', 'integer'  'debug', 'protocol', 'double'
  'debug', 'protocol', 'null'  'debug', 'protocol', 'array'  'debug', 'protocol', 'set'
  'debug', 'protocol', 'map'  'debug', 'protocol', 'attrib'  'debug', 'protocol', 'push'
  'debug', 'protocol', 'verbatim'  'debug', 'protocol', 'true'  'debug', 'protocol', 'false'
  'debug', 'protocol', 'bignum'  'debug', 'protocol', 'nope'  'setbit', 'bits', 7, 1  'getbit', 'bits', 7
  'expire', 'string', 100  'persist', 'string'  'sort', 'set'  'sort', 'list', 'alpha', 'desc'
  'sort', 'list'  'dump', 'none'  'copy', 'string', 'copied'  'unlink', 'string', 'none'  'flushdb'
  'select', 3  'swapdb', 0, 1  'move', 'string', 5  'scan', 0, 'match', 'none*', 'count', 1000
`

const shown: Case[] = CALLS.flatMap((call) =>
  [2, 3].map((version) => ({
    name: `${call}, setresp(${version})`,
    commands: [
      ...PRELUDE,
      evaluation(`${SHOW} redis.setresp(${version}) return show(redis.pcall(${call}))`),
      ...PRELUDE,
      evaluation(`redis.setresp(${version}) return redis.pcall(${call})`),
    ],
    settings: [],
  })),
)

const passed: Case[] = CALLS.flatMap((call) =>
  ([2, 3] as const).map((protocol) => ({
    name: `${call}, passed on by RESP${protocol}`,
    protocol,
    commands: [
      ...PRELUDE,
      evaluation(`return redis.call(${call})`),
      ...PRELUDE,
      evaluation(`redis.setresp(3) return {redis.pcall(${call}), 'more'}`),
    ],
  })),
)

export const conversions = topicOf('replies as values', shown, passed)
