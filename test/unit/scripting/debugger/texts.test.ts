import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { quoted } from '../../../../src/scripting/debugger/quoted.ts'
import { Transcript } from '../../../../src/scripting/debugger/transcript.ts'

function lines(transcript: Transcript): string[] {
  return transcript.take().toString('latin1').split('\r\n').slice(1, -1)
}

describe('a transcript', () => {
  test('is a reply, and empty then', () => {
    const transcript = new Transcript()
    transcript.add('one')
    transcript.add('two\r\nlines')
    assert.equal(transcript.take().toString(), '*2\r\n+one\r\n+two  lines\r\n')
    assert.equal(transcript.take().toString(), '*0\r\n')
  })

  test('cuts long lines, and hints at it once', () => {
    const transcript = new Transcript()
    transcript.addCut('x'.repeat(256))
    transcript.addCut('x'.repeat(257))
    transcript.addCut('x'.repeat(257))
    const [whole, cut, hint, again] = lines(transcript)
    assert.equal(whole, `+${'x'.repeat(256)}`)
    assert.equal(cut, `+${'x'.repeat(256)} ...`)
    assert.match(hint!, /^\+<hint> /)
    assert.equal(again, cut)
  })

  test('who has set the length needs no hint', () => {
    const transcript = new Transcript()
    transcript.maxLength = 60
    transcript.addCut('x'.repeat(61))
    assert.deepEqual(lines(transcript), [`+${'x'.repeat(60)} ...`])
    transcript.maxLength = 0
    transcript.addCut('x'.repeat(100_000))
    assert.equal(lines(transcript)[0]!.length, 100_001)
  })
})

test('quoted bytes', () => {
  assert.equal(quoted('a"b\\c'), '"a"b\\c"')
  assert.equal(quoted('\n\r\t\x07\b\0\x7f\xc8'), '"\\n\\r\\t\\a\\b\\x00\\x7f\\xc8"')
})
