import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect, freePort } from '../support/server.ts'
import { until } from '../support/until.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/perilune')
const END_TIMEOUT_MS = 20_000

interface Started {
  readonly stdout: () => string
  readonly stderr: () => string
  readonly code: Promise<number | null>
  /** Resolves when standard output has the text. */
  prints(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
}

let dir: string

function start(args: readonly string[], input?: string): Started {
  const child = spawn(PROGRAM, args, { cwd: dir, stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  const waiting: { text: string; resolve: () => void; reject: (error: Error) => void }[] = []
  const answer = () => {
    for (const { text, resolve } of waiting) if (stdout.includes(text)) resolve()
  }
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    answer()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS)
  const code = new Promise<number | null>((resolve) => {
    child.once('close', (status) => {
      clearTimeout(timer)
      for (const { text, reject } of waiting)
        reject(new Error(`ended without '${text}':\n${stdout}${stderr}`))
      resolve(status)
    })
  })
  const prints = (text: string) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ text, resolve, reject })
      answer()
    })
  return { stdout: () => stdout, stderr: () => stderr, code, prints, kill: (signal) => child.kill(signal) }
}

const READY = 'Ready to accept connections tcp'

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perilune-process-'))
})
after(() => rm(dir, { recursive: true, force: true }))

describe('the program', () => {
  test('tells its version and its usage', async () => {
    const version = start(['--version'])
    assert.equal(await version.code, 0)
    assert.match(version.stdout(), /^Perilune server v=\d+\.\d+\.\d+ valkey=8\.1\.\d+ /)
    const help = start(['-h'])
    assert.equal(await help.code, 0)
    assert.match(help.stdout(), /^Usage: perilune /)
  })

  test('starts, says so, answers, and ends at SIGTERM', async () => {
    const port = await freePort()
    const pidfile = join(dir, 'pid')
    const server = start([
      '--port',
      String(port),
      '--metrics-port',
      '0',
      '--pidfile',
      pidfile,
      '--always-show-logo yes',
    ])
    await server.prints(READY)
    const pid = (await readFile(pidfile, 'utf8')).trim()
    const shown = server.stdout().indexOf(` PID: ${pid}\n`)
    assert.ok(shown > 0 && shown < server.stdout().indexOf('Server initialized'), server.stdout())
    assert.match(server.stdout(), new RegExp(`^${pid}:M \\d\\d \\w{3} \\d{4} [\\d:.]{12} \\* oO0OoO0OoO0Oo`))
    const connection = await connect(port)
    assert.equal(String(await connection.send('ping')), 'PONG')
    await connection.close()
    server.kill('SIGTERM')
    assert.equal(await server.code, 0)
    assert.match(server.stdout(), /Received SIGTERM scheduling shutdown\.\.\.\n.* User requested shutdown/)
    assert.match(server.stdout(), /Removing the pid file\.\n.*ready to exit, bye bye\.\.\.\n$/)
    await assert.rejects(readFile(pidfile), /ENOENT/)
  })

  test('ends at SHUTDOWN', async () => {
    const port = await freePort()
    const server = start(['--port', String(port), '--metrics-port', '0'])
    await server.prints(READY)
    const connection = await connect(port)
    await connection.send('shutdown', 'nosave').catch(() => {})
    assert.equal(await server.code, 0)
    await connection.close().catch(() => {})
  })

  test('names the directives that are set in vain', async () => {
    const port = await freePort()
    const server = start(['--port', String(port), '--metrics-port', '0', '--rdbchecksum', 'no'])
    await server.prints(READY)
    const vain = 'WARNING: accepted without effect, as the feature does not exist here:'
    assert.ok(server.stdout().includes(`# ${vain} rdbchecksum\n`), server.stdout())
    const connection = await connect(port)
    await connection.send('config', 'set', 'save', '60 1', 'timeout', '5')
    await server.prints(`# ${vain} save\n`)
    await connection.send('config', 'set', 'save', '')
    await connection.close()
    server.kill('SIGTERM')
    assert.equal(await server.code, 0)
    assert.equal(server.stdout().split(vain).length, 3)
  })

  test('reads file, standard input and command line, the last of them wins', async () => {
    const port = await freePort()
    const file = join(dir, 'a.conf')
    await writeFile(file, `port 1\ntimeout 11\nhz 20\nlogfile ${join(dir, 'log')}\n`)
    const server = start([file, '--port', String(port), '--metrics-port', '0', '-'], 'timeout 22\nport 2\n')
    const log = () => readFile(join(dir, 'log'), 'utf8').catch(() => '')
    await until(async () => (await log()).includes(READY), log)
    const connection = await connect(port)
    const reply = (await connection.send('config', 'get', 'timeout', 'hz')) as unknown[]
    const values = reply.map(String)
    assert.equal(values[values.indexOf('timeout') + 1], '22')
    assert.equal(values[values.indexOf('hz') + 1], '20')
    await connection.send('config', 'set', 'timeout', '33')
    assert.equal(String(await connection.send('config', 'rewrite')), 'OK')
    await connection.close()
    assert.match(await readFile(file, 'utf8'), /^port \d+\ntimeout 33\nhz 20\nlogfile /)
    server.kill('SIGTERM')
    assert.equal(await server.code, 0)
  })
})

describe('a start that fails ends with 1 and says why', () => {
  test('a directive that does not exist', async () => {
    const server = start(['--nope', '1'])
    assert.equal(await server.code, 1)
    assert.equal(
      server.stderr(),
      '\n*** FATAL CONFIG FILE ERROR (Version 8.1.1) ***\n' +
        'Reading the configuration file, at line 2\n>>> \'nope "1"\'\nBad directive or wrong number of arguments\n',
    )
  })

  test('a file that does not exist', async () => {
    const server = start(['no-such.conf'])
    assert.equal(await server.code, 1)
    const reason = "Fatal error, can't open config file 'no-such.conf': No such file or directory"
    assert.ok(server.stdout().includes(`# ${reason}\n`))
    assert.equal(server.stderr(), `${reason}\n`)
  })

  test('a port in use', async () => {
    const blocker = createServer()
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port))
    })
    const server = start(['--port', String(port), '--bind', '127.0.0.1', '--metrics-port', '0'])
    assert.equal(await server.code, 1)
    blocker.close()
    const warning = `# Warning: Could not create server TCP listening socket 127.0.0.1:${port}: bind: Address already in use\n`
    assert.ok(server.stdout().includes(warning), server.stdout())
    assert.equal(server.stderr(), `Failed listening on port ${port} (tcp), aborting.\n`)
  })

  for (const [args, warning] of [
    [
      ['--port', '1', '--bind', 'no::address'],
      'Warning: Could not create server TCP listening socket no::address:1: Name or service not known',
    ],
    [
      ['--port', '0', '--unixsocket', '/missing/socket'],
      'Failed opening Unix socket: bind: No such file or directory',
    ],
  ] as const) {
    test(args.join(' '), async () => {
      const server = start([...args, '--metrics-port', '0'])
      assert.equal(await server.code, 1)
      assert.ok(server.stdout().includes(`# ${warning}\n`), server.stdout())
    })
  }

  for (const [args, reason] of [
    [['--port', '0'], 'Configured to not listen anywhere, exiting.'],
    [['--tls-port', '1'], 'Failed to configure TLS. Check logs for more info.'],
    [
      ['--cluster-enabled', 'yes', '--port', '55536'],
      'Valkey port number too high. Cluster communication port is 10,000 port numbers higher than your Valkey port. ' +
        'Your Valkey port number must be 55535 or less.',
    ],
    [
      ['--metrics-bind', '192.0.2.1'],
      'Could not have the metrics at metrics-bind 192.0.2.1: listen EADDRNOTAVAIL: address not available 192.0.2.1',
    ],
    [['--replicaof', '127.0.0.1 1'], 'Replication is not supported (replicaof), exiting.'],
  ] as const) {
    test(args.join(' '), async () => {
      const server = start(args)
      assert.equal(await server.code, 1)
      assert.equal(server.stderr(), `${reason}\n`)
    })
  }

  test('a command to rename that does not exist', async () => {
    const server = start(['-', '--port', String(await freePort())], 'rename-command NOPE ""\n')
    assert.equal(await server.code, 1)
    assert.match(server.stderr(), /FATAL CONFIG FILE ERROR[\s\S]*No such command in rename-command\n$/)
  })
})
