/**
 * The scripts applications really use, each small enough to read: what the client tests run at once.
 */
export const LOCK = `if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 1
end
return 0`

export const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0`

export const COMPARE_AND_SWAP = `if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return 1
end
return 0`

export const TRANSFER = `local amount = tonumber(ARGV[1])
local balance = tonumber(redis.call('GET', KEYS[1]) or '0')
if balance < amount then
  return redis.error_reply('INSUFFICIENT balance ' .. balance)
end
redis.call('DECRBY', KEYS[1], amount)
redis.call('INCRBY', KEYS[2], amount)
return balance - amount`

export const SLIDING_WINDOW = `local now, window, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
if redis.call('ZCARD', KEYS[1]) >= limit then
  return 0
end
redis.call('ZADD', KEYS[1], now, ARGV[4])
redis.call('PEXPIRE', KEYS[1], window)
return 1`

/** Raises each hash's field \`version\` whose value is the expected one; answers how many. */
export const BULK_UPDATE = `local updated = 0
for i, key in ipairs(KEYS) do
  if redis.call('HGET', key, 'version') == ARGV[1] then
    redis.call('HSET', key, 'version', ARGV[2], 'by', ARGV[3])
    updated = updated + 1
  end
end
return updated`

export const ENQUEUE = `local id = redis.call('INCR', KEYS[2])
redis.call('HSET', KEYS[3], id, ARGV[1])
redis.call('LPUSH', KEYS[1], id)
return id`

/** Moves the oldest job to the list of those being worked on and answers [id, payload], false when there is none. */
export const DEQUEUE = `local id = redis.call('RPOPLPUSH', KEYS[1], KEYS[2])
if not id then
  return false
end
return {id, redis.call('HGET', KEYS[3], id)}`

export const ACKNOWLEDGE = `redis.call('LREM', KEYS[1], 1, ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])`
