import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quote, splitWords } from '../../../src/config/words.ts'
import { Config, parseCommandLine } from '../../../src/config.ts'

function options(...args: string[]): string {
  return parseCommandLine(args).options.trim()
}

test('options become lines of configuration', () => {
  assert.equal(
    options('--port', '7000', '--bind', '::1', '127.0.0.1'),
    'port "7000" \nbind "::1" "127.0.0.1"',
  )
  assert.equal(options('--maxmemory 700mb', '--port', '1'), 'maxmemory 700mb \nport "1"')
})

test('what follows a name without a value is its value, even with dashes', () => {
  assert.equal(options('--requirepass', '--secret', '--port', '1'), 'requirepass "--secret" \nport "1"')
})

test('save without a value means none', () => {
  assert.equal(options('--save', '--port', '1'), 'save ""\nport "1"')
  assert.equal(options('--port', '1', '--save'), 'port "1" \nsave ""')
  assert.equal(options('--save', ''), 'save ""')
})

test('a file comes first; a dash first or last asks for standard input', () => {
  assert.deepEqual(parseCommandLine(['/a.conf', '--port', '1', '-']), {
    file: '/a.conf',
    fromStdin: true,
    options: 'port "1" ',
  })
  assert.deepEqual(parseCommandLine(['-']), { file: undefined, fromStdin: true, options: '' })
  assert.deepEqual(parseCommandLine([]), { file: undefined, fromStdin: false, options: '' })
})

test('the configuration takes them', () => {
  const config = new Config()
  config.load(parseCommandLine(['--save', '', '--client-output-buffer-limit', 'pubsub 1 2 3']).options)
  assert.deepEqual(config.values.save, [])
  assert.equal(config.values['client-output-buffer-limit'].pubsub.hard, 1)
})

test('words: quotes and escapes', () => {
  assert.deepEqual(splitWords(`a 'b c' "d\\n\\x41" 'it\\'s'`), ['a', 'b c', 'd\nA', "it's"])
  assert.deepEqual(splitWords('"a"b'), undefined)
  assert.deepEqual(splitWords("'a"), undefined)
  assert.deepEqual(splitWords('   '), [])
  for (let code = 0; code < 256; code++) {
    const text = `x${String.fromCharCode(code)} y`
    assert.deepEqual(splitWords(quote(text)), [text])
  }
})
