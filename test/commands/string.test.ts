import assert from 'node:assert/strict'
import { onEachServer, type Reply } from '../support/server.ts'
import { converse, NOT_INTEGER, SYNTAX_ERROR, WRONG_TYPE, wrongArity } from '../support/transcript.ts'

const PAST_MS = 1_000
const FUTURE_S = 4_000_000_000
const BINARY = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

function invalidExpire(command: string): Reply {
  return { error: `ERR invalid expire time in '${command}' command` }
}

onEachServer('strings', ({ it }) => {
  it('SET and GET keep any bytes', async (call, connection) => {
    await converse(call, [
      ['SET a 1', 'OK'],
      ['GET a', '1'],
      ['GET missing', null],
      [['SET', '', ''], 'OK'],
      [['GET', ''], ''],
      [['SET', BINARY, BINARY], 'OK'],
      [['GET', BINARY], BINARY.toString('latin1')],
      ['GET', wrongArity('get')],
      ['SET a', wrongArity('set')],
      ['RPUSH list x', 1],
      ['GET list', WRONG_TYPE],
      ['SET list x', 'OK'],
      ['GET list', 'x'],
    ])
    assert.equal(await connection.raw('GET', 'missing'), '$-1\r\n')
    assert.equal(await connection.raw('SET', 'a', 'b'), '+OK\r\n')
  })

  it('large values survive', async (call) => {
    const large = 'x'.repeat(3_000_000)
    await converse(call, [
      [['SET', 'a', large], 'OK'],
      ['STRLEN a', 3_000_000],
      [['GET', 'a'], large],
      [['SET', 'a', 'small'], 'OK'],
      ['GET a', 'small'],
    ])
  })

  it('SET with NX, XX and GET', async (call) => {
    await converse(call, [
      ['SET a 1 XX', null],
      ['SET a 1 NX', 'OK'],
      ['SET a 2 nx', null],
      ['SET a 2 xx', 'OK'],
      ['SET a 3 GET', '2'],
      ['SET b 1 GET', null],
      ['GET b', '1'],
      ['SET a 4 NX GET', '3'],
      ['GET a', '3'],
      ['SET c 4 NX GET', null],
      ['GET c', '4'],
      ['SET d 4 XX GET', null],
      ['GET d', null],
      ['SET a 5 GET GET', '3'],
      ['RPUSH list x', 1],
      ['SET list 1 GET', WRONG_TYPE],
      ['SET list 1 NX', null],
      ['TYPE list', 'list'],
    ])
  })

  it('SET with IFEQ', async (call) => {
    await converse(call, [
      ['SET a 1 IFEQ 1', null],
      ['EXISTS a', 0],
      ['SET a 1', 'OK'],
      ['SET a 2 IFEQ 3', null],
      ['SET a 2 IFEQ 1', 'OK'],
      ['SET a 3 IFEQ 2 GET', '2'],
      ['SET a 4 IFEQ 2 GET', '3'],
      ['GET a', '3'],
      ['SET a 4 IFEQ', SYNTAX_ERROR],
      ['SET a 4 IFEQ 3 NX', SYNTAX_ERROR],
      ['SET a 4 XX IFEQ 3', SYNTAX_ERROR],
      ['SET a 4 IFEQ 3 IFEQ 3', SYNTAX_ERROR],
      ['RPUSH list x', 1],
      ['SET list 4 IFEQ x', WRONG_TYPE],
      ['SET list 4 IFEQ x GET', WRONG_TYPE],
    ])
  })

  it('SET with an expiry', async (call) => {
    await converse(call, [
      ['SET a 1 EX 100', 'OK'],
      ['TTL a', 100],
      ['SET a 1 KEEPTTL', 'OK'],
      ['TTL a', 100],
      ['SET a 1', 'OK'],
      ['TTL a', -1],
      ['SET a 1 PX 100000', 'OK'],
      ['TTL a', 100],
      [`SET a 1 EXAT ${FUTURE_S}`, 'OK'],
      ['EXPIRETIME a', FUTURE_S],
      [`SET a 1 PXAT ${FUTURE_S}123`, 'OK'],
      ['PEXPIRETIME a', FUTURE_S * 1000 + 123],
      [`SET a 2 PXAT ${PAST_MS}`, 'OK'],
      ['EXISTS a', 0],
      ['SET a 1 EX 10 EX 20', 'OK'],
      ['TTL a', 20],
    ])
  })

  it('SET refuses options that contradict each other', async (call) => {
    const refused = [
      'NX XX',
      'XX NX',
      'EX 1 PX 1',
      'PX 1 EXAT 1',
      'EX 1 KEEPTTL',
      'KEEPTTL PXAT 1',
      'EX',
      'foo',
    ]
    for (const options of [...refused, 'PERSIST', 'GETX', 'NX EX']) {
      await converse(call, [[`SET a 1 ${options}`, SYNTAX_ERROR]])
    }
    await converse(call, [
      ['SET a 1 EX 0', invalidExpire('set')],
      ['SET a 1 PX -1', invalidExpire('set')],
      ['SET a 1 EX x', NOT_INTEGER],
      ['SET a 1 EX 9223372036854775807', invalidExpire('set')],
      ['SET a 1 EX 9223372036854775', invalidExpire('set')],
      ['SET a 1 PX 9223372036854775807', invalidExpire('set')],
      ['SET a 1 EXAT 9223372036854776', invalidExpire('set')],
      ['SET a 1 PX 9223372036854775808', NOT_INTEGER],
      ['EXISTS a', 0],
    ])
  })

  it('SETNX, SETEX, PSETEX', async (call) => {
    await converse(call, [
      ['SETNX a 1', 1],
      ['SETNX a 2', 0],
      ['GET a', '1'],
      ['SETEX a 100 v', 'OK'],
      ['TTL a', 100],
      ['PSETEX a 50000 w', 'OK'],
      ['TTL a', 50],
      ['GET a', 'w'],
      ['SETEX a 0 v', invalidExpire('setex')],
      ['PSETEX a -1 v', invalidExpire('psetex')],
      ['SETEX a x v', NOT_INTEGER],
      ['SETEX a 9223372036854775807 v', invalidExpire('setex')],
    ])
  })

  it('GETSET, GETDEL, GETEX', async (call) => {
    await converse(call, [
      ['GETSET a 1', null],
      ['GETSET a 2', '1'],
      ['GETEX a', '2'],
      ['GETEX a EX 100', '2'],
      ['TTL a', 100],
      ['GETEX a PERSIST', '2'],
      ['TTL a', -1],
      [`GETEX a PXAT ${FUTURE_S}000`, '2'],
      ['EXPIRETIME a', FUTURE_S],
      ['GETEX a PERSIST EX 10', SYNTAX_ERROR],
      ['GETEX a KEEPTTL', SYNTAX_ERROR],
      ['GETEX a NX', SYNTAX_ERROR],
      ['GETEX a EX 0', invalidExpire('getex')],
      ['GETEX missing EX 0', null],
      ['GETEX missing EX', SYNTAX_ERROR],
      [`GETEX a PXAT ${PAST_MS}`, '2'],
      ['EXISTS a', 0],
      ['SET a 3', 'OK'],
      ['GETDEL a', '3'],
      ['GETDEL a', null],
      ['RPUSH list x', 1],
      ['GETDEL list', WRONG_TYPE],
      ['GETSET list 1', WRONG_TYPE],
      ['GETEX list EX 0', WRONG_TYPE],
      ['EXISTS list', 1],
    ])
  })

  it('MGET, MSET, MSETNX', async (call) => {
    await converse(call, [
      ['MSET a 1 b 2 a 3', 'OK'],
      ['RPUSH list x', 1],
      ['MGET a b list missing a', ['3', '2', null, null, '3']],
      ['MSETNX c 1 a 1', 0],
      ['EXISTS c', 0],
      ['MSETNX c 1 d 2 c 3', 1],
      ['MGET c d', ['3', '2']],
      ['MSET a', wrongArity('mset')],
      ['MSET a 1 b', wrongArity('mset')],
      ['MSETNX a 1 b', wrongArity('msetnx')],
      ['EXPIRE a 100', 1],
      ['MSET a 1', 'OK'],
      ['TTL a', -1],
    ])
  })

  it('OBJECT ENCODING of strings', async (call) => {
    await converse(call, [
      ['SET a 12345', 'OK'],
      ['OBJECT ENCODING a', 'int'],
      ['SET a 012', 'OK'],
      ['OBJECT ENCODING a', 'embstr'],
      [`SET a ${'x'.repeat(40)}`, 'OK'],
      ['OBJECT ENCODING a', 'embstr'],
      [`SET a ${'x'.repeat(41)}`, 'OK'],
      ['OBJECT ENCODING a', 'raw'],
      [`SET longer:key ${'x'.repeat(31)}`, 'OK'],
      ['OBJECT ENCODING longer:key', 'embstr'],
      [`SET longer:key ${'x'.repeat(31)} EX 100`, 'OK'],
      ['OBJECT ENCODING longer:key', 'raw'],
      ['SET a 9223372036854775807', 'OK'],
      ['OBJECT ENCODING a', 'int'],
      ['SET a 9223372036854775808', 'OK'],
      ['OBJECT ENCODING a', 'embstr'],
      ['APPEND a x', 20],
      ['OBJECT ENCODING a', 'raw'],
      ['APPEND n 10', 2],
      ['OBJECT ENCODING n', 'int'],
    ])
  })
})

onEachServer('parts of strings', ({ it }) => {
  it('APPEND and STRLEN', async (call) => {
    await converse(call, [
      ['APPEND a Hello', 5],
      [['APPEND', 'a', ' World'], 11],
      ['GET a', 'Hello World'],
      ['STRLEN a', 11],
      ['STRLEN missing', 0],
      ['SET n 10', 'OK'],
      ['APPEND n 20', 4],
      ['INCR n', 1021],
      ['EXPIRE a 100', 1],
      ['APPEND a !', 12],
      ['TTL a', 100],
      ['RPUSH list x', 1],
      ['APPEND list x', WRONG_TYPE],
      ['STRLEN list', WRONG_TYPE],
    ])
  })

  it('a string grows by many appends', async (call, connection) => {
    const piece = 'abcdefghij'.repeat(10)
    const appends = Array.from({ length: 200 }, () => ['APPEND', 'a', piece])
    assert.equal((await connection.pipeline(appends)).at(-1), 20_000)
    assert.equal(await call('GET', 'a'), piece.repeat(200))
  })

  it('SETRANGE', async (call) => {
    await converse(call, [
      ['SETRANGE a 3 xyz', 6],
      ['GET a', '\0\0\0xyz'],
      [['SETRANGE', 'missing', 0, ''], 0],
      ['EXISTS missing', 0],
      [['SETRANGE', 'a', 100, ''], 6],
      ['SETRANGE a 0 abc', 6],
      ['GET a', 'abcxyz'],
      ['SETRANGE a 5 123', 8],
      ['GET a', 'abcxy123'],
      ['SET n 1234', 'OK'],
      ['SETRANGE n 2 x', 4],
      ['GET n', '12x4'],
      ['OBJECT ENCODING n', 'raw'],
      ['SETRANGE a -1 x', { error: 'ERR offset is out of range' }],
      ['SETRANGE a x x', NOT_INTEGER],
      ['SETRANGE a 536870912 x', { error: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)' }],
      [
        'SETRANGE missing 9223372036854775807 x',
        { error: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)' },
      ],
      ['RPUSH list x', 1],
      ['SETRANGE list 0 x', WRONG_TYPE],
    ])
  })

  it('GETRANGE and SUBSTR', async (call) => {
    const parts: [from: string, to: string, part: string][] = [
      ['0', '4', 'Hello'],
      ['0', '-1', 'Hello World'],
      ['-5', '-1', 'World'],
      ['-1', '-5', ''],
      ['6', '100', 'World'],
      ['11', '12', ''],
      ['-100', '3', 'Hell'],
      ['-100', '-100', 'H'],
      ['5', '3', ''],
      ['0', '-100', 'H'],
      ['-9223372036854775808', '9223372036854775807', 'Hello World'],
    ]
    await call('SET', 'a', 'Hello World')
    for (const [from, to, part] of parts) {
      await converse(call, [
        [['GETRANGE', 'a', from, to], part],
        [['SUBSTR', 'a', from, to], part],
      ])
    }
    await converse(call, [
      ['GETRANGE missing 0 -1', ''],
      [['SET', 'empty', ''], 'OK'],
      ['GETRANGE empty 0 0', ''],
      ['SET n 12345', 'OK'],
      ['GETRANGE n 1 2', '23'],
      ['GETRANGE a x 1', NOT_INTEGER],
      ['RPUSH list x', 1],
      ['GETRANGE list 0 1', WRONG_TYPE],
    ])
  })
})
