/**
 * Function libraries as FUNCTION DUMP answers them: an opcode and the text of each, and the footer of every payload.
 */
import { failWith } from '../errors.ts'
import type { Bytes } from '../memory/bytes.ts'
import * as format from './format.ts'
import { BadPayload, PayloadReader } from './payload-reader.ts'
import { PayloadWriter } from './payload-writer.ts'
import { seal, withoutFooter } from './sealed.ts'

export function dumpLibraries(codes: Iterable<Bytes>, compress: boolean): Bytes {
  const writer = new PayloadWriter(compress)
  for (const code of codes) {
    writer.byte(format.FUNCTION_LIBRARY)
    writer.string(code)
  }
  return seal(writer)
}

/** The texts in an intact payload, as far as it is well formed; then it throws ReplyError. */
export function* readLibraries(payload: Bytes): Iterable<Bytes> {
  const reader = new PayloadReader(withoutFooter(payload))
  while (reader.left > 0) {
    const opcode = reader.byte()
    if (opcode === format.FUNCTION_PRE_GA) failWith('ERR Pre-GA function format not supported')
    if (opcode !== format.FUNCTION_LIBRARY) failWith('ERR given type is not a function')
    yield readText(reader)
  }
}

function readText(reader: PayloadReader): Bytes {
  try {
    return reader.string()
  } catch (error) {
    if (error instanceof BadPayload) failWith('ERR Failed loading library payload')
    throw error
  }
}
