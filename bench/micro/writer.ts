/**
 * Replies into RESP.
 *
 *     node --import tsx bench/micro/writer.ts
 */
import { bench, do_not_optimize, run } from 'mitata'
import { Bytes } from '../../src/memory/bytes.ts'
import { RespWriter } from '../../src/protocol/resp-writer.ts'

const REPLIES = 100
const writer = new RespWriter()
const small = Bytes.from('value-12345')
const large = new Bytes(Buffer.alloc(1000, 'x'))

/** As a read event does: many replies, then all of them are written. */
function replies(name: string, write: (i: number) => void): void {
  bench(`${REPLIES} x ${name}`, () => {
    for (let i = 0; i < REPLIES; i++) write(i)
    do_not_optimize(writer.length)
    writer.clear()
  })
}

replies('ok', () => writer.ok())
replies('null', () => writer.null())
replies('integer', (i) => writer.integer(i * 1001))
replies('bulk of 11 bytes', () => writer.bulk(small))
replies('bulk of 1000 bytes', () => writer.bulk(large))
replies('status', () => writer.status('QUEUED'))
replies('text', () => writer.text('some text'))
replies('double', (i) => writer.double(i + 0.25))
replies('array of 10 of unknown length', () => {
  const mark = writer.beginArray()
  for (let i = 0; i < 10; i++) writer.bulk(small)
  writer.endArray(mark, 10)
})
await run()
