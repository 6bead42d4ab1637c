import assert from 'node:assert/strict'
import { onEachServer } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, WRONG_TYPE, wrongArity } from '../support/transcript.ts'

const NOT_DOUBLE = { error: "ERR One or more scores can't be converted into double" }

onEachServer('SORT', ({ it }) => {
  it('by number', async (call) => {
    await converse(call, [
      ['SORT missing', []],
      ['RPUSH list 3 10 -2 1.5 3', 5],
      ['SORT list', ['-2', '1.5', '3', '3', '10']],
      ['SORT list DESC', ['10', '3', '3', '1.5', '-2']],
      ['SORT list DESC ASC', ['-2', '1.5', '3', '3', '10']],
      ['SORT list ALPHA', ['-2', '1.5', '10', '3', '3']],
      ['SORT list ALPHA DESC', ['3', '3', '10', '1.5', '-2']],
      ['SORT list LIMIT 1 2', ['1.5', '3']],
      ['SORT list LIMIT 1 0', []],
      ['SORT list LIMIT -5 2', ['-2', '1.5']],
      ['SORT list LIMIT 3 -1', ['3', '10']],
      ['SORT list LIMIT 10 2', []],
      ['SORT_RO list', ['-2', '1.5', '3', '3', '10']],
    ])
  })

  it('sets and sorted sets', async (call) => {
    await converse(call, [
      ['SADD set 3 1 2', 3],
      ['SORT set', ['1', '2', '3']],
      ['ZADD zset 1 9 2 8 3 7', 3],
      ['OBJECT ENCODING zset', 'listpack'],
      ['SORT zset', ['7', '8', '9']],
      ['OBJECT ENCODING zset', 'skiplist'],
      ['SORT zset BY nosort', ['9', '8', '7']],
      ['SORT zset BY nosort DESC', ['7', '8', '9']],
      ['SORT zset BY nosort LIMIT 1 1', ['8']],
      ['SORT zset BY nosort DESC LIMIT 0 2', ['7', '8']],
      ['RPUSH list b a c', 3],
      ['SADD ints 3 22', 2],
      ['SORT ints BY nosort DESC', ['3', '22']],
      ['SORT list BY nosort', ['b', 'a', 'c']],
      ['SORT list BY nosort DESC', ['c', 'a', 'b']],
      ['SORT list BY nosort LIMIT 1 2', ['a', 'c']],
    ])
  })

  it('by and with what other keys hold', async (call) => {
    await converse(call, [
      ['RPUSH ids 1 2 3', 3],
      ['MSET weight_1 30 weight_2 10 weight_3 20 name_1 one name_3 three', 'OK'],
      ['HSET user_1 age 5 name Ann', 2],
      ['HSET user_2 age 3 name Bob', 2],
      ['SORT ids BY weight_*', ['2', '3', '1']],
      ['SORT ids BY weight_* GET #', ['2', '3', '1']],
      ['SORT ids BY weight_* GET name_*', [null, 'three', 'one']],
      ['SORT ids BY weight_* GET # GET name_* LIMIT 0 2', ['2', null, '3', 'three']],
      ['SORT ids BY user_*->age', ['3', '2', '1']],
      ['SORT ids BY user_*->age GET user_*->name', [null, 'Bob', 'Ann']],
      ['SORT ids BY user_*->name ALPHA DESC', ['2', '1', '3']],
      ['SORT ids GET user_*->', [null, null, null]],
      ['SORT ids GET fixed', [null, null, null]],
      ['SORT ids GET weight_*->field', [null, null, null]],
      ['SORT ids GET user_*', [null, null, null]],
      ['SORT ids BY name_*', NOT_DOUBLE],
    ])
  })

  it('elements of the same weight keep to a fixed order', async (call) => {
    await converse(call, [
      ['RPUSH list b c a', 3],
      ['MSET w_a 1 w_b 1 w_c 1', 'OK'],
      ['SORT list BY w_*', ['a', 'b', 'c']],
      ['SORT list BY w_* DESC', ['c', 'b', 'a']],
      ['SORT list BY w_* ALPHA', ['b', 'c', 'a']],
      ['SORT list BY w_* ALPHA DESC', ['b', 'c', 'a']],
    ])
  })

  it('STORE', async (call) => {
    await converse(call, [
      ['RPUSH list 3 1 2', 3],
      ['SET result x EX 100', 'OK'],
      ['SORT list STORE result', 3],
      ['TYPE result', 'list'],
      ['TTL result', -1],
      ['LRANGE result 0 -1', ['1', '2', '3']],
      ['SORT list DESC STORE list', 3],
      ['LRANGE list 0 -1', ['3', '2', '1']],
      ['SET name_1 one', 'OK'],
      ['SORT list GET name_* STORE result', 3],
      ['LRANGE result 0 -1', ['one', '', '']],
      ['SORT missing STORE result', 0],
      ['EXISTS result', 0],
      ['SADD set c a b', 3],
      ['SORT set BY nosort STORE result', 3],
      ['LRANGE result 0 -1', ['a', 'b', 'c']],
      ['SORT_RO list STORE result', SYNTAX_ERROR],
      ['OBJECT ENCODING result', 'listpack'],
    ])
  })

  it('a script gets sets in a fixed order', async (call) => {
    await call('SADD', 'set', ...Array.from({ length: 300 }, (_, i) => `m${i}`))
    const sorted = Array.from({ length: 300 }, (_, i) => `m${i}`).sort()
    assert.deepEqual(
      await call('EVAL', "return redis.call('SORT', KEYS[1], 'BY', 'nosort')", 1, 'set'),
      sorted,
    )
  })

  it('numbers as C reads them', async (call) => {
    await converse(call, [
      [['RPUSH', 'list', '0x10', ' 5', '', '1e1', 'inf', '-inf'], 6],
      ['SORT list', ['-inf', '', ' 5', '1e1', '0x10', 'inf']],
      [['RPUSH', 'spaces', '5 ', '1'], 2],
      ['SORT spaces', NOT_DOUBLE],
      ['RPUSH nan nan', 1],
      ['SORT nan', NOT_DOUBLE],
      ['RPUSH words x y', 2],
      ['SORT words', NOT_DOUBLE],
      ['SORT words BY nosort', ['x', 'y']],
      ['SORT words STORE result', NOT_DOUBLE],
      ['EXISTS result', 0],
    ])
  })

  it('refuses what it cannot read', async (call) => {
    await converse(call, [
      ['SET a 1', 'OK'],
      ['SORT a', WRONG_TYPE],
      ['HSET h f v', 1],
      ['SORT h', WRONG_TYPE],
      ['SORT a LIMIT 1', SYNTAX_ERROR],
      ['SORT a LIMIT 1 x', NOT_INTEGER],
      ['SORT a BY', SYNTAX_ERROR],
      ['SORT a foo', SYNTAX_ERROR],
      ['SORT', wrongArity('sort')],
    ])
  })

  it('COMMAND GETKEYS finds its keys', async (call) => {
    await converse(call, [
      ['COMMAND GETKEYS SORT abc STORE def', ['abc', 'def']],
      ['COMMAND GETKEYS SORT abc STORE invalid STORE stillbad STORE def', ['abc', 'def']],
      ['COMMAND GETKEYS SORT abc BY store GET store LIMIT store store', ['abc']],
      ['COMMAND GETKEYS SORT_RO abc BY w_*', ['abc']],
    ])
  })

  it('large collections', async (call) => {
    const numbers = Array.from({ length: 5000 }, (_, i) => String((i * 7919) % 5000))
    await call('RPUSH', 'list', ...numbers)
    const sorted = Array.from({ length: 5000 }, (_, i) => String(i))
    assert.deepEqual(await call('SORT', 'list'), sorted)
    assert.deepEqual(await call('SORT', 'list', 'LIMIT', 4990, 100), sorted.slice(4990))
  })
})
