/**
 * Which commands CLIENT PAUSE holds back, and that those who wait go on.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { ALL_COMMANDS } from '../../../src/commands/all.ts'
import { type Command, CommandTable } from '../../../src/commands/table.ts'
import type { Client, QueuedCommand } from '../../../src/engine/client.ts'
import { ClientPause } from '../../../src/engine/client-pause.ts'
import { Clock } from '../../../src/engine/clock.ts'
import { Constraints } from '../../../src/engine/constraints.ts'
import { Args } from '../../../src/memory/args.ts'
import { Bytes } from '../../../src/memory/bytes.ts'
import { until } from '../../support/until.ts'
import { newClient } from './support.ts'

const table = new CommandTable(ALL_COMMANDS)
const command = (name: string): Command => table.lookup(Bytes.from(name))!
const LONG = 60_000

function holds(pause: ClientPause, command: Command, client: Client): boolean {
  return pause.holds(command, command.flags, client)
}

function queued(...args: string[]): QueuedCommand {
  const { flags } = command(args[0]!)
  return { command: command(args[0]!), args: Args.from(...args), flags }
}

function newPause() {
  const clock = new Clock()
  clock.tick()
  return { clock, pause: new ClientPause(clock, new Constraints()) }
}

describe('what is held back', () => {
  const { client } = newClient()

  test('nothing without a pause', () => {
    const { pause } = newPause()
    assert.equal(holds(pause, command('set'), client), false)
    assert.equal(pause.state, undefined)
  })

  test('everything, or what writes', () => {
    const { clock, pause } = newPause()
    pause.begin(clock.now + LONG, true)
    assert.deepEqual(pause.state, { actions: 'write', leftMs: LONG })
    assert.equal(holds(pause, command('get'), client), false)
    assert.equal(holds(pause, command('set'), client), true)
    assert.equal(holds(pause, command('publish'), client), true)
    pause.begin(clock.now + LONG, false)
    assert.equal(pause.state?.actions, 'all')
    assert.equal(holds(pause, command('get'), client), true)
    pause.end()
    assert.equal(holds(pause, command('set'), client), false)
  })

  test('EXEC by what is queued', () => {
    const { clock, pause } = newPause()
    pause.begin(clock.now + LONG, true)
    const { client } = newClient()
    const queue = [queued('get', 'k')]
    client.queue = queue
    assert.equal(holds(pause, command('exec'), client), false)
    queue.push(queued('set', 'k', 'v'))
    assert.equal(holds(pause, command('exec'), client), true)
    pause.end()
  })

  test('nothing once the time is over', () => {
    const { clock, pause } = newPause()
    pause.begin(clock.now + 10, false)
    assert.ok(pause.active)
    clock.now += 11
    assert.equal(holds(pause, command('get'), client), false)
    assert.equal(pause.state, undefined)
  })
})

test('a later end is kept when a shorter pause is asked for', () => {
  const { clock, pause } = newPause()
  const end = clock.now + LONG
  pause.begin(end, false)
  pause.begin(clock.now + 1, false)
  assert.equal(pause.state?.leftMs, LONG)
  pause.end()
})

describe('those who wait', () => {
  test('keep their command and go on when the pause ends, not before this turn is over', async () => {
    const { clock, pause } = newPause()
    const { client, transport } = newClient()
    pause.begin(clock.now + LONG, false)
    const request = Buffer.from('ping')
    pause.postpone(client, Args.from(request))
    request.fill('x')
    assert.ok(client.suspended)
    assert.equal(client.postponed!.at(0).latin1(), 'ping')
    pause.end()
    assert.equal(transport.resumed, 0)
    await turn()
    assert.equal(transport.resumed, 1)
    assert.ok(!client.suspended)
  })

  test('go on when the time is over', async () => {
    const { clock, pause } = newPause()
    const { client, transport } = newClient()
    pause.begin(clock.now + 1, false)
    pause.postpone(client, Args.from('ping'))
    const keepAlive = setInterval(() => {}, 1)
    await until(() => transport.resumed > 0)
    clearInterval(keepAlive)
    assert.equal(pause.state, undefined)
  })

  test('may try again when only writes are paused from now on', async () => {
    const { clock, pause } = newPause()
    const { client, transport } = newClient()
    pause.begin(clock.now + LONG, false)
    pause.postpone(client, Args.from('ping'))
    pause.begin(clock.now + LONG, true)
    await turn()
    assert.equal(transport.resumed, 1)
    pause.end()
  })

  test('are forgotten when they go', async () => {
    const { clock, pause } = newPause()
    const { client, transport } = newClient()
    pause.begin(clock.now + LONG, false)
    pause.postpone(client, Args.from('ping'))
    pause.forget(client)
    pause.end()
    await turn()
    assert.equal(transport.resumed, 0)
  })
})
