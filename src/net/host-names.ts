/**
 * Addresses of host names that `bind` names. Valkey asks the system and waits, also when CONFIG SET changes them: what
 * the command answers depends on it. Node only asks without waiting, so that another thread has to.
 */
import { isIP } from 'node:net'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

/** An answer that takes longer counts as none. */
const ANSWER_TIMEOUT_MS = 10_000

const ASK = `
const { lookup } = require('node:dns')
const { name, port, answered } = require('node:worker_threads').workerData
lookup(name, { family: 4 }, (error, address) => {
  if (!error) port.postMessage(address)
  Atomics.store(answered, 0, 1)
  Atomics.notify(answered, 0)
})`

/** An address, or the IPv4 address of a host name. Throws where there is none. */
export function addressOf(name: string): string {
  if (isIP(name) !== 0) return name
  const address = name.includes(':') ? undefined : ask(name)
  if (address === undefined)
    throw Object.assign(new Error(`no address of ${name}`), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })
  return address
}

function ask(name: string): string | undefined {
  const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const { port1: here, port2: port } = new MessageChannel()
  const worker = new Worker(ASK, {
    eval: true,
    workerData: { name, port, answered },
    transferList: [port],
    name: 'host-names',
  })
  try {
    Atomics.wait(answered, 0, 0, ANSWER_TIMEOUT_MS)
    return (receiveMessageOnPort(here) as { message: string } | undefined)?.message
  } finally {
    here.close()
    void worker.terminate()
  }
}
