import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { compressed, takesGzip } from '../../../../src/observability/http/compression.ts'

test('only who takes gzip gets it', () => {
  for (const header of ['gzip', 'deflate, GZIP;q=0.5', 'br;q=1.0, gzip; q=0.8', '*']) {
    assert.equal(takesGzip(header), true, header)
  }
  for (const header of [
    undefined,
    '',
    'identity',
    'gzip;q=0',
    'gzip; q=0.0, *',
    '*;q=0',
    'xgzip',
    'gzip;q=x',
    ';,',
  ]) {
    assert.equal(takesGzip(header), false, header)
  }
})

test('what is compressed is what it was', async () => {
  const text = 'perilune_script_calls_total{script="größe"} 1\n'.repeat(1000)
  const bytes = await compressed(Buffer.from(text))
  assert.equal(gunzipSync(bytes).toString(), text)
  assert.ok(bytes.length < text.length / 10)
})
