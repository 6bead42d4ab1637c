import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADMISSION_DIRECTIVES, CONTEXT_DIRECTIVES, pick } from '../../../../src/net/tls/settings.ts'
import { ToyEngine } from '../toy-server.ts'

test('values for another thread are those of now, and can be sent there', () => {
  const { settings } = new ToyEngine()
  settings['tls-cert-file'] = 'cert'
  const picked = pick(settings, CONTEXT_DIRECTIVES)
  settings['tls-cert-file'] = 'another'
  assert.deepEqual(Object.keys(picked), [...CONTEXT_DIRECTIVES])
  assert.equal(picked['tls-cert-file'], 'cert')
  assert.deepEqual(structuredClone(picked), picked)
  assert.deepEqual(Object.keys(pick(settings, ADMISSION_DIRECTIVES)), [...ADMISSION_DIRECTIVES])
})
