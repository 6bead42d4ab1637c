import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BorrowedSockets } from '../../../../src/net/guardian/borrowed-sockets.ts'
import { type BorrowedSocket, layer } from '../../../../src/net/tcp-handles.ts'

type Handle = NonNullable<ConstructorParameters<typeof BorrowedSocket>[2]>

/** As it comes from a listening socket; remembers what is done with it. */
function accepted(): { readonly handle: Handle; readonly calls: string[] } {
  const calls: string[] = []
  const handle = {
    useUserBuffer: () => calls.push('use'),
    open: (fd: number) => {
      calls.push(`open ${fd}`)
      return 0
    },
    readStart: () => calls.push('start'),
    readStop: () => calls.push('stop'),
  }
  return { handle: handle as unknown as Handle, calls }
}

test('of handles for one descriptor only the first is used: none can be closed', () => {
  assert.ok(layer())
  const sockets = new BorrowedSockets(() => {})
  const descriptor = { fd: 50, isUnix: false }
  const [first, second] = [accepted(), accepted()]
  sockets.addAccepted(descriptor, first.handle)
  sockets.addAccepted(descriptor, second.handle)
  sockets.apply({ read: [{ ...descriptor, order: 1 }], pause: [] })
  assert.deepEqual(first.calls, ['use', 'stop', 'open 50', 'start'])
  assert.deepEqual([second.calls, Object.keys(second.handle).length], [[], 4])
})
