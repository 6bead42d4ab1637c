import fc from 'fast-check'
import { anyType, command, key, member, mostly, some } from '../support/command-arbitraries.ts'
import { type Command, differentialWithValkey } from '../support/differential.ts'

const offset = mostly(
  ['0', '1', '7', '8', '9', '31', '100', '200000'],
  ['-1', '4294967296', '9223372036854775807', '9223372036854775808', 'x', '', '1.0', ' 1'],
)
const bit = mostly(['0', '1'], ['2', '-1', 'x', '', '9223372036854775808'])

const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: command('setbit', key, offset, bit) },
  { weight: 4, arbitrary: command('getbit', key, offset) },
  command('set', key, member),
  command('append', key, member),
  command('del', some(key, 2)),
  command('get', key),
  command('object', 'encoding', key),
  command('sadd', 'd', 'x'),
  { weight: 2, arbitrary: anyType },
)

differentialWithValkey('bit commands', commands)
