/** The thresholds of a server without configuration. */
export const limits = {
  'hash-max-listpack-entries': 512,
  'hash-max-listpack-value': 64,
  'set-max-intset-entries': 512,
  'set-max-listpack-entries': 128,
  'set-max-listpack-value': 64,
  'zset-max-listpack-entries': 128,
  'zset-max-listpack-value': 64,
  'list-max-listpack-size': -2,
  'lfu-log-factor': 10,
  'lfu-decay-time': 1,
  'maxmemory-policy': 'noeviction',
  'lazyfree-lazy-server-del': true,
  'lazyfree-lazy-expire': true,
  'lazyfree-lazy-eviction': true,
} as const
