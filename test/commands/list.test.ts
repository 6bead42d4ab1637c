import assert from 'node:assert/strict'
import { names } from '../support/random-elements.ts'
import { onEachServer } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, WRONG_TYPE, wrongArity } from '../support/transcript.ts'

const NOT_POSITIVE = { error: 'ERR value is out of range, must be positive' }
const LARGE = 5000

onEachServer('lists', ({ it }) => {
  it('elements go in and out at both ends', async (call, connection) => {
    await converse(call, [
      ['rpush l b c', 2],
      ['lpush l a z', 4],
      ['lrange l 0 -1', ['z', 'a', 'b', 'c']],
      ['lpushx none x', 0],
      ['rpushx none x', 0],
      ['lpushx l y', 5],
      ['rpushx l d e', 7],
      ['llen l', 7],
      ['lpop l', 'y'],
      ['rpop l', 'e'],
      ['lpop l 2', ['z', 'a']],
      ['rpop l 10', ['d', 'c', 'b']],
      ['exists l', 0],
      ['lpop none', null],
      ['lpop none 0', null],
      ['rpush l a', 1],
      ['lpop l 0', []],
      ['lpop l -1', NOT_POSITIVE],
      ['lpop l 1 2', wrongArity('lpop')],
      ['set s x', 'OK'],
      ['rpush s a', WRONG_TYPE],
      ['lpop s', WRONG_TYPE],
    ])
    assert.equal(await connection.raw('lpop', 'none', '1'), '*-1\r\n')
  })

  it('elements by index', async (call) => {
    await converse(call, [
      ['rpush l a b c d', 4],
      ['lindex l 0', 'a'],
      ['lindex l -1', 'd'],
      ['lindex l 4', null],
      ['lindex l -5', null],
      ['lindex l x', NOT_INTEGER],
      ['lindex none x', null],
      ['lset l 1 B', 'OK'],
      ['lset l -1 D', 'OK'],
      ['lset l 4 x', { error: 'ERR index out of range' }],
      ['lset l x x', NOT_INTEGER],
      ['lset none 0 x', { error: 'ERR no such key' }],
      ['lrange l 1 2', ['B', 'c']],
      ['lrange l -100 100', ['a', 'B', 'c', 'D']],
      ['lrange l 3 1', []],
      ['lrange l 4 10', []],
      ['lrange none x 1', NOT_INTEGER],
      ['ltrim l 1 -2', 'OK'],
      ['lrange l 0 -1', ['B', 'c']],
      ['ltrim l 5 10', 'OK'],
      ['exists l', 0],
    ])
  })

  it('elements by value', async (call) => {
    await converse(call, [
      ['rpush l a b a c a 5 05', 7],
      ['linsert l before c x', 8],
      ['linsert l AFTER c y', 9],
      ['linsert l after none y', -1],
      ['linsert none after a y', 0],
      ['linsert l at a y', SYNTAX_ERROR],
      ['lrange l 0 -1', ['a', 'b', 'a', 'x', 'c', 'y', 'a', '5', '05']],
      ['lrem l -1 a', 1],
      ['lrem l 1 a', 1],
      ['lrem l 0 5', 1],
      ['lrange l 0 -1', ['b', 'a', 'x', 'c', 'y', '05']],
      ['lrem l 0 none', 0],
      [
        'lrem l -9223372036854775808 a',
        {
          error: 'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
        },
      ],
    ])
  })

  it('LPOS', async (call) => {
    await converse(call, [
      ['rpush l a b c 1 2 3 c c', 8],
      ['lpos l c', 2],
      ['lpos l c rank 2', 6],
      ['lpos l c rank -1', 7],
      ['lpos l c count 0', [2, 6, 7]],
      ['lpos l c count 2 rank -1', [7, 6]],
      ['lpos l c rank -2 count 0', [6, 2]],
      ['lpos l c maxlen 3 count 0', [2]],
      ['lpos l c rank -1 maxlen 1', 7],
      ['lpos l none', null],
      ['lpos l none count 0', []],
      ['lpos none a', null],
      ['lpos none a count 0', []],
      [
        'lpos l c rank 0',
        {
          error:
            "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
        },
      ],
      ['lpos l c count -1', { error: "ERR COUNT can't be negative" }],
      ['lpos l c maxlen -1', { error: "ERR MAXLEN can't be negative" }],
      ['lpos l c rank', SYNTAX_ERROR],
    ])
  })

  it('elements move between lists', async (call) => {
    await converse(call, [
      ['rpush a 1 2 3', 3],
      ['lmove a b left right', '1'],
      ['lmove a b RIGHT LEFT', '3'],
      ['lrange b 0 -1', ['3', '1']],
      ['rpoplpush b b', '1'],
      ['lrange b 0 -1', ['1', '3']],
      ['rpoplpush a b', '2'],
      ['exists a', 0],
      ['lmove a b left left', null],
      ['lmove a b up left', SYNTAX_ERROR],
      ['set s x', 'OK'],
      ['lmove b s left left', WRONG_TYPE],
      ['llen b', 3],
      ['lmpop 2 a b left', ['b', ['2']]],
      ['lmpop 2 a b right count 5', ['b', ['3', '1']]],
      ['lmpop 2 a b left', null],
      ['lmpop 0 a left', { error: 'ERR numkeys should be greater than 0' }],
      ['lmpop 1 a left count 0', { error: 'ERR count should be greater than 0' }],
      ['lmpop 1 a left count 1 count 1', SYNTAX_ERROR],
      ['lmpop 2 a left', SYNTAX_ERROR],
    ])
  })

  it('a large list keeps its order', async (call) => {
    const values = names(LARGE)
    await call('rpush', 'l', ...values)
    assert.deepEqual(await call('lrange', 'l', 0, -1), values)
    assert.equal(await call('lindex', 'l', 2500), 'm2500')
    assert.equal(await call('linsert', 'l', 'before', 'm2500', 'new'), LARGE + 1)
    assert.equal(await call('lindex', 'l', 2501), 'm2500')
    assert.deepEqual(await call('rpop', 'l', 3), ['m4999', 'm4998', 'm4997'])
    await call('ltrim', 'l', 10, -11)
    assert.equal(await call('lindex', 'l', 0), 'm10')
    assert.equal(await call('lindex', 'l', -1), 'm4986')
    const long = 'x'.repeat(100_000)
    await call('lpush', 'l', long)
    assert.equal(await call('lmove', 'l', 'other', 'left', 'right'), long)
    assert.equal(await call('lindex', 'other', 0), long)
  })
})
