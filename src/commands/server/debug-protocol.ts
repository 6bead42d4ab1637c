/**
 * DEBUG PROTOCOL: a reply of every type, for the tests of clients.
 */
import { failWith } from '../../errors.ts'
import type { Bytes } from '../../memory/bytes.ts'
import type { ReplySink } from '../../protocol/reply-sink.ts'

const SAMPLE_COUNT = 3
/** Not pi: what Valkey answers, to the digit. */
const SAMPLE_DOUBLE = Number('3.141')

function integers(reply: ReplySink): void {
  for (let i = 0; i < SAMPLE_COUNT; i++) reply.integer(i)
}

function push(reply: ReplySink): void {
  if (reply.protocol < 3) failWith('ERR RESP2 is not supported by this command')
  // A push is no answer: without a reply, clients would wait. What is pushed to the client whose command runs comes behind it.
  reply.text('Some real reply following the push reply')
  reply.push(2)
  reply.text('server-cpu-usage')
  reply.integer(42)
}

function attributed(reply: ReplySink): void {
  if (reply.attribute(1)) {
    reply.text('key-popularity')
    reply.array(2)
    reply.text('key:123')
    reply.integer(90)
  }
  reply.text('Some real reply following the attribute')
}

const SAMPLES: Readonly<Record<string, (reply: ReplySink) => void>> = {
  STRING: (reply) => reply.text('Hello World'),
  INTEGER: (reply) => reply.integer(12345),
  DOUBLE: (reply) => reply.double(SAMPLE_DOUBLE),
  BIGNUM: (reply) => reply.bigNumber('1234567999999999999999999999999999999'),
  NULL: (reply) => reply.null(),
  ARRAY(reply) {
    reply.array(SAMPLE_COUNT)
    integers(reply)
  },
  SET(reply) {
    reply.set(SAMPLE_COUNT)
    integers(reply)
  },
  MAP(reply) {
    reply.map(SAMPLE_COUNT)
    for (let i = 0; i < SAMPLE_COUNT; i++) {
      reply.integer(i)
      reply.boolean(i === 1)
    }
  },
  ATTRIB: attributed,
  PUSH: push,
  VERBATIM: (reply) => reply.verbatim('txt', 'This is a verbatim\nstring'),
  TRUE: (reply) => reply.boolean(true),
  FALSE: (reply) => reply.boolean(false),
}

export function debugProtocol(name: Bytes, reply: ReplySink): void {
  const sample = SAMPLES[name.latin1().toUpperCase()]
  if (sample === undefined) {
    failWith(
      'ERR Wrong protocol type name. Please use one of the following: ' +
        'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
    )
  }
  sample(reply)
}
