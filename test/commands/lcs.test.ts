import { onEachServer } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR } from '../support/transcript.ts'

onEachServer('LCS', ({ it }) => {
  it('answers the subsequence, its length or its places', async (call) => {
    await call('MSET', 'a', 'ohmytext', 'b', 'mynewtext')
    await converse(call, [
      ['LCS a b', 'mytext'],
      ['LCS a b LEN', 6],
      ['LCS a missing', ''],
      ['LCS missing a LEN', 0],
      [
        'LCS a b IDX',
        [
          'matches',
          [
            [
              [4, 7],
              [5, 8],
            ],
            [
              [2, 3],
              [0, 1],
            ],
          ],
          'len',
          6,
        ],
      ],
      [
        'LCS a b IDX MINMATCHLEN 4',
        [
          'matches',
          [
            [
              [4, 7],
              [5, 8],
            ],
          ],
          'len',
          6,
        ],
      ],
      ['LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN', ['matches', [[[4, 7], [5, 8], 4]], 'len', 6]],
      [
        'LCS a b IDX MINMATCHLEN -1 WITHMATCHLEN',
        [
          'matches',
          [
            [[4, 7], [5, 8], 4],
            [[2, 3], [0, 1], 2],
          ],
          'len',
          6,
        ],
      ],
      ['LCS a b LEN IDX', { error: 'ERR If you want both the length and indexes, please just use IDX.' }],
      ['LCS a b foo', SYNTAX_ERROR],
      ['LCS a b MINMATCHLEN', SYNTAX_ERROR],
      ['LCS a b MINMATCHLEN x', NOT_INTEGER],
      ['RPUSH list x', 1],
      ['LCS a list', { error: 'ERR The specified keys must contain string values' }],
      ['LCS list a foo', { error: 'ERR The specified keys must contain string values' }],
    ])
  })

  it('answers a map in RESP3', async (call) => {
    await call('HELLO', 3)
    await call('MSET', 'a', 'abc', 'b', 'abc')
    await converse(call, [
      [
        'LCS a b IDX WITHMATCHLEN',
        {
          map: [
            ['matches', [[[0, 2], [0, 2], 3]]],
            ['len', 3],
          ],
        },
      ],
    ])
  })

  it('refuses tables that would take too much memory', async (call) => {
    await call('SET', 'a', 'x'.repeat(20_000))
    await converse(call, [
      [
        'LCS a a LEN',
        { error: 'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len' },
      ],
    ])
  })
})
