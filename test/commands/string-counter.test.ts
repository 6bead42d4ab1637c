import { onEachServer } from '../support/server.ts'
import { converse, NOT_FLOAT, NOT_INTEGER, WRONG_TYPE } from '../support/transcript.ts'

const OVERFLOW = { error: 'ERR increment or decrement would overflow' }
const NOT_FINITE = { error: 'ERR increment would produce NaN or Infinity' }

onEachServer('counters', ({ it }) => {
  it('INCR, DECR, INCRBY, DECRBY', async (call) => {
    await converse(call, [
      ['INCR a', 1],
      ['INCR a', 2],
      ['INCRBY a 40', 42],
      ['DECR a', 41],
      ['DECRBY a 50', -9],
      ['DECRBY fresh 0', 0],
      ['GET fresh', '0'],
      ['GET a', '-9'],
      ['OBJECT ENCODING a', 'int'],
      ['EXPIRE a 100', 1],
      ['INCR a', -8],
      ['TTL a', 100],
    ])
  })

  it('digits carry', async (call) => {
    await converse(call, [
      ['SET a 99', 'OK'],
      ['INCR a', 100],
      ['DECR a', 99],
      ['SET a -10', 'OK'],
      ['INCR a', -9],
      ['INCRBY a 9', 0],
      ['GET a', '0'],
    ])
  })

  it('counts over the whole 64-bit range', async (call) => {
    await converse(call, [
      ['SET a 9007199254740991', 'OK'],
      ['INCR a', 9007199254740992n],
      ['INCR a', 9007199254740993n],
      ['INCRBY a 9007199254740993', 18014398509481986n],
      ['SET a 17179869184', 'OK'],
      ['INCRBY a 17179869184', 34359738368],
      ['SET a 9223372036854775806', 'OK'],
      ['INCR a', 9223372036854775807n],
      ['INCR a', OVERFLOW],
      ['GET a', '9223372036854775807'],
      ['DECRBY a 9223372036854775807', 0],
      ['INCRBY a -9223372036854775808', -9223372036854775808n],
      ['DECR a', OVERFLOW],
      ['INCRBY a 9223372036854775807', -1],
      ['INCRBY a -9223372036854775808', OVERFLOW],
      ['DECRBY a -9223372036854775808', { error: 'ERR decrement would overflow' }],
      ['INCRBY a 9223372036854775808', NOT_INTEGER],
    ])
  })

  it('refuses what is no integer', async (call) => {
    for (const value of ['x', '', ' 1', '1 ', '1.0', '01', '+1', '9223372036854775808']) {
      await call('SET', 'a', value)
      await converse(call, [
        ['INCR a', NOT_INTEGER],
        [['GET', 'a'], value],
      ])
    }
    await converse(call, [
      ['RPUSH list x', 1],
      ['INCR list', WRONG_TYPE],
      ['INCRBY list x', NOT_INTEGER],
      ['INCRBYFLOAT list x', WRONG_TYPE],
    ])
  })

  it('a counter may be built by other commands', async (call) => {
    await converse(call, [
      ['SETRANGE a 0 12', 2],
      ['INCR a', 13],
      ['APPEND a 5', 3],
      ['DECR a', 134],
    ])
  })

  it('INCRBYFLOAT', async (call) => {
    await converse(call, [
      ['INCRBYFLOAT a 10.50', '10.5'],
      ['INCRBYFLOAT a 0.1', '10.6'],
      ['INCRBYFLOAT a -5', '5.6'],
      ['SET a 5.0e3', 'OK'],
      ['INCRBYFLOAT a 2.0e2', '5200'],
      ['INCR a', 5201],
      ['INCRBYFLOAT a 0x1.8p1', '5204'],
      ['SET a 0.1', 'OK'],
      ['INCRBYFLOAT a 0.2', '0.3'],
      ['INCRBYFLOAT a -0.3', '0'],
      ['INCRBYFLOAT a 1e-17', '0.00000000000000001'],
      ['INCRBYFLOAT a -1e-20', '0.00000000000000001'],
      ['SET a 9223372036854775807', 'OK'],
      ['INCRBYFLOAT a 1', '9223372036854775808'],
      ['SET a 3', 'OK'],
      ['EXPIRE a 100', 1],
      ['INCRBYFLOAT a 1.1', '4.1'],
      ['TTL a', 100],
    ])
  })

  it('INCRBYFLOAT makes text, digits or not, until something else is written', async (call) => {
    const longKey = 'k'.repeat(60)
    await converse(call, [
      ['SET a 1', 'OK'],
      ['INCRBYFLOAT a 1', '2'],
      ['OBJECT ENCODING a', 'embstr'],
      ['INCRBYFLOAT a 0.5', '2.5'],
      ['INCRBYFLOAT a 0.5', '3'],
      ['OBJECT ENCODING a', 'embstr'],
      ['COPY a b', 1],
      ['OBJECT ENCODING b', 'embstr'],
      ['RENAME a c', 'OK'],
      ['OBJECT ENCODING c', 'embstr'],
      ['EXPIRE c 100', 1],
      ['OBJECT ENCODING c', 'embstr'],
      ['MOVE c 1', 1],
      ['SELECT 1', 'OK'],
      ['OBJECT ENCODING c', 'embstr'],
      ['TTL c', 100],
      ['SELECT 0', 'OK'],
      ['INCR b', 4],
      ['OBJECT ENCODING b', 'int'],
      ['INCRBYFLOAT b 1', '5'],
      ['SET b 5', 'OK'],
      ['OBJECT ENCODING b', 'int'],
      ['INCRBYFLOAT b 1', '6'],
      ['APPEND b 0', 2],
      ['OBJECT ENCODING b', 'raw'],
      ['INCRBYFLOAT b 1', '61'],
      ['OBJECT ENCODING b', 'embstr'],
      ['SETRANGE b 0 7', 2],
      ['OBJECT ENCODING b', 'raw'],
      ['INCRBYFLOAT d 1e60', '999999999999999999999373423426722168652130621984886772203520'],
      ['OBJECT ENCODING d', 'raw'],
      [`INCRBYFLOAT ${longKey} 3`, '3'],
      [`OBJECT ENCODING ${longKey}`, 'raw'],
      [`SET ${longKey} 3`, 'OK'],
      [`OBJECT ENCODING ${longKey}`, 'int'],
    ])
  })

  it('INCRBYFLOAT refuses what is no finite number', async (call) => {
    await converse(call, [
      ['INCRBYFLOAT a x', NOT_FLOAT],
      ['INCRBYFLOAT a nan', NOT_FLOAT],
      [['INCRBYFLOAT', 'a', ' 1'], NOT_FLOAT],
      [['INCRBYFLOAT', 'a', ''], NOT_FLOAT],
      ['INCRBYFLOAT a 1e5000', NOT_FLOAT],
      ['INCRBYFLOAT a inf', NOT_FINITE],
      ['INCRBYFLOAT a -Infinity', NOT_FINITE],
      ['EXISTS a', 0],
      [['SET', 'a', '1 '], 'OK'],
      ['INCRBYFLOAT a 1', NOT_FLOAT],
      ['SET a 1.18e4932', 'OK'],
      ['INCRBYFLOAT a 1e4932', NOT_FINITE],
    ])
  })
})
