/**
 * Users in the configuration file and in files of their own, of Perilune and of Valkey: what is wrong with them ends the
 * start, what is right comes back after a restart.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Connection,
  connect,
  freePort,
  noOracle,
  type Reply,
  type RunningServer,
  startOracle,
  startPerilune,
} from '../support/server.ts'

const START_TIMEOUT_MS = 20_000

interface Product {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  start(args: readonly string[]): Promise<RunningServer>
}

const PERILUNE: Product = {
  name: 'Perilune',
  program: join(import.meta.dirname, '../../bin/perilune'),
  args: ['--metrics-port', '0'],
  start: startPerilune,
}
const VALKEY: Product = {
  name: 'Valkey',
  program: join(process.env.PERILUNE_VALKEY ?? '', 'valkey-server'),
  args: ['--save', ''],
  start: startOracle,
}

const HASH = 'd74ff0ee8da3b9806b18c877dbf29bbde50b5bd8e4dad7a3a725000feb82e8f1'
const DEFAULT = 'user default on nopass sanitize-payload ~* &* +@all'
const AFTER_ALL_KEYS = 'Adding a pattern after the * pattern'
const UNKNOWN = 'Unknown command or category name in ACL'

/** Lines of the configuration file that end the start, and what is said about them. */
const WRONG_CONFIGURATION: readonly (readonly [text: string, ...reasons: string[]])[] = [
  ['user a on nonsense', ">>> 'user a on nonsense'\nError in user declaration 'a': Syntax error\n"],
  ['user a on ~x nonsense', "Error in user declaration 'on': Syntax error\n"],
  ['user a #12', "Error in user declaration 'user': The password hash must be exactly 64 characters"],
  ['user a ~* ~x', `Error in user declaration 'a': ${AFTER_ALL_KEYS}`],
  ['user a on (+get ~x', "Error in user declaration 'a': Wrong format\n"],
  ['user a\nuser a', "at line 2\n>>> 'user a'\nError in user declaration 'a': Duplicate user found."],
  ['user', 'Bad directive or wrong number of arguments\n'],
  [
    'user a on +nosuch',
    `Error loading ACL rule '+nosuch' for the user named 'a': ${UNKNOWN}`,
    'Critical error while loading ACLs. Exiting.',
  ],
  ['user a +@nosuch ~x', `Error loading ACL rule '+@nosuch' for the user named 'a': ${UNKNOWN}`],
  ['user "a b" on', 'Spaces not allowed in ACL usernames', 'Critical error while loading ACLs. Exiting.'],
  [
    'user a\naclfile FILE',
    'with users defined in valkey.conf and at the same setting an ACL file path is invalid.',
  ],
  [
    'aclfile nosuch',
    "startup because of ACL errors: Error loading ACLs, opening file 'nosuch': No such file or directory",
  ],
]

/** ACL files that cannot be loaded, and the errors. */
const WRONG_FILES: readonly (readonly [text: string, errors: string])[] = [
  [
    'user a +nosuch +@nosuch nonsense #x\n',
    `FILE:1: Error in applying operation '+nosuch': ${UNKNOWN}. FILE:1: Error in applying operation '+@nosuch': ${UNKNOWN}. FILE:1: Syntax error. `,
  ],
  ['\n# a comment\n', 'FILE:2 should start with user keyword followed by the username. '],
  ['User a\n', 'FILE:1 should start with user keyword followed by the username. '],
  ['user\n', 'FILE:1 should start with user keyword followed by the username. '],
  ['user a\tb on\n', "'FILE:1: username 'a\tb' contains invalid characters. "],
  ['user a\n\nuser a on\n', "WARNING: Duplicate user 'a' found on line 3. "],
  ['user a (+get ~x\n', 'FILE:1: Unmatched parenthesis in selector definition.'],
]
const NOTHING_CHANGED =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'

for (const product of [PERILUNE, VALKEY]) {
  describe(`users and their files: ${product.name}`, { skip: product === VALKEY && noOracle }, () => {
    let dir: string
    let file: string
    before(async () => {
      dir = await mkdtemp(join(tmpdir(), 'perilune-acl-'))
      file = join(dir, 'users.acl')
    })
    after(() => rm(dir, { recursive: true, force: true }))

    /** What a start that fails prints. */
    async function failedStart(configuration: string): Promise<string> {
      const path = join(dir, 'wrong.conf')
      await writeFile(path, `${configuration.replaceAll('FILE', file)}\n`)
      const port = String(await freePort())
      return new Promise((resolve, reject) => {
        const options = { cwd: dir, timeout: START_TIMEOUT_MS }
        execFile(
          product.program,
          [path, '--port', port, ...product.args],
          options,
          (error, stdout, stderr) => {
            if (error?.code === 1) resolve(stdout + stderr)
            else reject(new Error(`it did not end with 1: ${stdout}${stderr}`))
          },
        )
      })
    }

    /** Runs a server with `args` and ends it. */
    async function serve(
      args: readonly string[],
      body: (send: Connection['send'], server: RunningServer) => Promise<void>,
    ): Promise<void> {
      const server = await product.start(args)
      const connection = await connect(server.port)
      try {
        await body((...words) => connection.send(...words), server)
      } finally {
        await connection.close()
        await server.stop()
      }
    }

    for (const [text, ...reasons] of WRONG_CONFIGURATION) {
      test(`refuses to start: ${JSON.stringify(text)}`, async () => {
        await writeFile(file, '')
        const output = await failedStart(text)
        for (const reason of reasons) assert.ok(output.includes(reason), output)
      })
    }

    test('refuses to start with a wrong file', async () => {
      await writeFile(file, 'user a nonsense\n')
      const errors = `Aborting ${product.name} startup because of ACL errors: ${file}:1: Syntax error. ${NOTHING_CHANGED}`
      assert.ok((await failedStart(`aclfile ${file}`)).includes(errors))
    })

    test('makes the users of the configuration', async () => {
      const path = join(dir, 'users.conf')
      await writeFile(path, 'user a ON >pass ~x "~y" (%R~z +get &c)\nuser b\n')
      const users = [
        `user a on sanitize-payload #${HASH} ~x ~y resetchannels -@all (%R~z resetchannels &c -@all +get)`,
        'user b off sanitize-payload resetchannels -@all',
        DEFAULT,
      ]
      await serve(['--include', path], async (send, server) => {
        assert.deepEqual(await send('ACL', 'LIST'), users)
        assert.match(
          server.output(),
          /The user 'b' is disabled \(there is no 'on' modifier in the user description\)/,
        )
        assert.equal(await send('AUTH', 'a', 'pass'), 'OK')
      })
    })

    test('a user line for default takes the place of requirepass', async () => {
      const path = join(dir, 'default.conf')
      await writeFile(path, 'user default on >pass ~x +@all\nrequirepass other\n')
      await serve(['--include', path], async (send) => {
        assert.match(((await send('PING')) as { error: string }).error, /^NOAUTH/)
        assert.match(((await send('AUTH', 'other')) as { error: string }).error, /^WRONGPASS/)
        assert.equal(await send('AUTH', 'pass'), 'OK')
        assert.deepEqual(await send('ACL', 'LIST'), [
          `user default on sanitize-payload #${HASH} ~x resetchannels +@all`,
        ])
      })
    })

    test('saves, loads and reloads a file', async () => {
      await writeFile(file, `user a on  nopass ~* (+get ~x) +@all \t\n\nuser default on >pass +@all ~* &*\n`)
      const first = [
        'user a on nopass sanitize-payload ~* resetchannels +@all (~x resetchannels -@all +get)',
        `user default on sanitize-payload #${HASH} ~* &* +@all`,
      ]
      await serve(['--aclfile', file, '--requirepass', 'nobody asks'], async (send, server) => {
        assert.equal(await send('AUTH', 'pass'), 'OK')
        assert.deepEqual(await send('ACL', 'LIST'), first)
        for (const [text, errors] of WRONG_FILES) {
          // Valkey 8.1.1 crashes where a rule precedes a parenthesis that is not closed.
          await writeFile(file, text)
          const error = `ERR ${errors.replaceAll('FILE', file)}${NOTHING_CHANGED}`
          assert.deepEqual(await send('ACL', 'LOAD'), { error })
        }
        assert.deepEqual(await send('ACL', 'LIST'), first)
        await rm(file)
        assert.deepEqual(await send('ACL', 'LOAD'), {
          error: `ERR Error loading ACLs, opening file '${file}': No such file or directory`,
        })
        assert.equal(await send('ACL', 'SETUSER', 'b', 'on', '~x"y\\', '&\xff'), 'OK')
        assert.equal(await send('ACL', 'SAVE'), 'OK')
        const saved = await readFile(file, 'latin1')
        assert.equal(saved, ((await send('ACL', 'LIST')) as string[]).map((line) => `${line}\n`).join(''))
        assert.equal(await send('ACL', 'DELUSER', 'b'), 1)
        const a = await connect(server.port)
        assert.equal(await a.send('AUTH', 'a', ''), 'OK')
        assert.equal(await send('ACL', 'LOAD'), 'OK')
        assert.equal(await readFile(file, 'latin1'), saved)
        assert.deepEqual(await send('ACL', 'USERS'), ['a', 'b', 'default'])
        // Clients of users that are still there stay, those of others go.
        assert.equal(await a.send('ACL', 'WHOAMI'), 'a')
        await writeFile(file, 'user default on nopass ~* &* +@all\n')
        assert.equal(await send('ACL', 'LOAD'), 'OK')
        await assert.rejects(a.send('PING'), /connection closed/)
        await a.close()
        // A file without a default user has the usual one.
        await writeFile(file, 'user c on\n')
        assert.equal(await send('ACL', 'LOAD'), 'OK')
        assert.deepEqual(await send('ACL', 'LIST'), [
          'user c on sanitize-payload resetchannels -@all',
          DEFAULT,
        ])
      })
    })

    test('LOAD ends subscribers that lose a channel', async () => {
      await writeFile(file, 'user a on nopass allchannels +@all\n')
      await serve(['--aclfile', file], async (send, server) => {
        const [keeps, loses] = [await connect(server.port), await connect(server.port)]
        try {
          for (const [subscriber, channel] of [
            [keeps, 'x'],
            [loses, 'y'],
          ] as const) {
            await subscriber.send('AUTH', 'a', '')
            await subscriber.send('SUBSCRIBE', channel)
          }
          await writeFile(file, 'user a on nopass resetchannels &x +@all\n')
          assert.equal(await send('ACL', 'LOAD'), 'OK')
          assert.deepEqual(await keeps.send('PING'), ['pong', ''])
          await assert.rejects(loses.send('PING'), /connection closed/)
        } finally {
          await Promise.all([keeps.close(), loses.close()])
        }
      })
    })

    test('a file that cannot be written', async () => {
      await writeFile(file, '')
      const folder = await mkdtemp(join(dir, 'gone-'))
      const gone = join(folder, 'users.acl')
      await writeFile(gone, '')
      await serve(['--aclfile', gone], async (send) => {
        await rm(folder, { recursive: true })
        assert.deepEqual(await send('ACL', 'SAVE'), {
          error:
            'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
        })
      })
    })

    test('CONFIG REWRITE writes the users, and none where they have a file', async () => {
      const path = join(dir, 'rewritten.conf')
      await writeFile(path, '# users\nuser a on\n# more\n')
      const port = String(await freePort())
      const lines = async () =>
        (await readFile(path, 'latin1')).split('\n').filter((line) => line.startsWith('user '))
      const withFile = async (args: readonly string[], body: (send: Connection['send']) => Promise<void>) => {
        const child = execFile(product.program, [path, '--port', port, ...product.args, ...args], {
          cwd: dir,
        })
        try {
          const connection = await untilUp(Number(port))
          await body((...words) => connection.send(...words))
          await connection.close()
        } finally {
          const exited = new Promise((resolve) => child.once('exit', resolve))
          child.kill('SIGTERM')
          await exited
        }
      }
      let users: Reply = null
      await withFile([], async (send) => {
        await send('ACL', 'SETUSER', 'b', 'on', '>pass', '~x*', '(%R~y +get)', '+@hash')
        assert.equal(await send('CONFIG', 'REWRITE'), 'OK')
        users = await send('ACL', 'LIST')
        assert.deepEqual(await lines(), users)
      })
      await withFile([], async (send) => assert.deepEqual(await send('ACL', 'LIST'), users))
      const withoutUsers = (await readFile(path, 'latin1')).replace(/^user .*\n/gm, '')
      await writeFile(path, withoutUsers)
      await writeFile(file, 'user z on\n')
      await withFile(['--aclfile', file], async (send) => {
        assert.equal(await send('CONFIG', 'REWRITE'), 'OK')
        assert.deepEqual(await lines(), [])
      })
    })
  })
}

async function untilUp(port: number): Promise<Connection> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; ) {
    try {
      return await connect(port)
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await pause(20)
  }
}
