import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Config, ConfigFileError, type ConfigHost } from '../../../src/config.ts'
import { ReplyError } from '../../../src/errors.ts'
import { matchGlob } from '../../../src/keyspace/glob.ts'
import { Bytes } from '../../../src/memory/bytes.ts'

/** Files in a map. */
class MemoryHost implements ConfigHost {
  readonly files = new Map<string, string>()
  folder = '/start'

  matches(pattern: string, name: string): boolean {
    return matchGlob(Bytes.from(pattern), Bytes.from(name), true)
  }

  readFile(path: string): string {
    const content = this.files.get(path)
    if (content === undefined) throw new Error('No such file or directory')
    return content
  }

  replaceFile(path: string, content: string): void {
    this.files.set(path, content)
  }

  exists(path: string): boolean {
    return this.files.has(path)
  }

  filesMatching(pattern: string): string[] {
    return [...this.files.keys()].filter((name) => this.matches(pattern, name)).sort()
  }

  checkLogFile(path: string): void {
    if (path.startsWith('/nowhere')) throw new Error('No such file or directory')
  }

  enter(path: string): string {
    if (path === '/nowhere') throw new Error('No such file or directory')
    if (path !== '.') this.folder = path
    return this.folder
  }
}

function fails(run: () => void, text: string): void {
  assert.throws(run, (error) => error instanceof ReplyError && error.message === text)
}

function failed(name: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`
}

function make(): { config: Config; host: MemoryHost } {
  const host = new MemoryHost()
  return { config: new Config(host), host }
}

describe('CONFIG GET', () => {
  test('answers names as asked for, patterns with their aliases, hidden ones by name only', () => {
    const { config } = make()
    assert.deepEqual(config.get(['MaxMemory', 'maxmemory']), [['MaxMemory', '0']])
    assert.deepEqual(
      new Map(config.get(['hash-max-*-entries'])),
      new Map([
        ['hash-max-listpack-entries', '512'],
        ['hash-max-ziplist-entries', '512'],
      ]),
    )
    assert.deepEqual(config.get(['watchdog-*']), [])
    assert.deepEqual(config.get(['watchdog-period']), [['watchdog-period', '0']])
    assert.deepEqual(config.get(['no-such-thing', 'no-*-thing']), [])
  })
})

describe('CONFIG SET', () => {
  test('reads each type and exposes it', () => {
    const { config } = make()
    config.set(['maxmemory', '100MB', 'protected-mode', 'NO', 'loglevel', 'Debug', 'lua-time-limit', '7'])
    assert.equal(config.values.maxmemory, 100 * 1024 * 1024)
    assert.equal(config.values['protected-mode'], false)
    assert.equal(config.values.loglevel, 'debug')
    assert.equal(config.values['busy-reply-threshold'], 7)
  })

  test('keeps 64-bit numbers exactly', () => {
    const { config } = make()
    config.set(['maxmemory', '18446744073709551615'])
    assert.deepEqual(config.get(['maxmemory']), [['maxmemory', '18446744073709551615']])
    config.set(['maxmemory', '18446744073709551615k'])
    assert.deepEqual(config.get(['maxmemory']), [['maxmemory', '18446744073709550616']])
  })

  for (const [name, value, reason] of [
    ['maxmemory', '-1', 'argument must be a memory value'],
    ['maxmemory-clients', '101%', 'percentage argument must be less or equal to 100'],
    ['maxmemory-clients', 'x', 'argument must be a memory or percent value'],
    ['loglevel', 'x', 'argument(s) must be one of the following: debug, verbose, notice, warning, nothing'],
    ['appendonly', 'x', "argument must be 'yes' or 'no'"],
    ['port', 'x', "argument couldn't be parsed into an integer"],
    ['port', '65536', 'argument must be between 0 and 65535 inclusive'],
    ['maxclients', '-1', 'argument must be between 1 and 4294967295 inclusive'],
    ['databases', '3', "can't set immutable config"],
    ['dir', '/tmp', "can't set protected config"],
    ['save', '1', 'Invalid save parameters'],
    ['save', '0 1', 'Invalid save parameters'],
    ['client-output-buffer-limit', 'normal 1 2', 'Wrong number of arguments in buffer limit configuration.'],
    [
      'client-output-buffer-limit',
      'master 1 2 3',
      'Invalid client class specified in buffer limit configuration.',
    ],
    ['notify-keyspace-events', 'KEQ', "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."],
    [
      'latency-tracking-info-percentiles',
      '101',
      'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
    ],
    ['shutdown-on-sigint', 'nosave save', "shutdown options SAVE and NOSAVE can't be used simultaneously"],
    ['oom-score-adj-values', '1 2', 'wrong number of arguments'],
    ['proc-title-template', '{nothing}', 'template format is invalid or contains unknown variables'],
    [
      'cluster-announce-hostname',
      'a_b',
      'Hostnames may only contain alphanumeric characters, hyphens or dots',
    ],
  ] as const) {
    test(`refuses ${name} ${value}`, () => {
      fails(() => make().config.set([name, value]), failed(name, reason))
    })
  }

  test('refuses unknown names, duplicates and values without name before anything is set', () => {
    const { config } = make()
    const unknown = "ERR Unknown option or number of arguments for CONFIG SET - 'nope'"
    fails(() => config.set(['port', '3', 'nope', '1']), unknown)
    fails(() => config.set(['port', '1', 'PORT', '2']), failed('PORT', 'duplicate parameter'))
    fails(() => config.set(['port']), 'ERR syntax error')
    assert.equal(config.values.port, 6379)
  })

  test('sets all or nothing', () => {
    const { config } = make()
    fails(
      () => config.set(['timeout', '5', 'hz', '20', 'loglevel', 'x']),
      failed(
        'loglevel',
        'argument(s) must be one of the following: debug, verbose, notice, warning, nothing',
      ),
    )
    assert.equal(config.values.timeout, 0)
    assert.equal(config.values.hz, 10)
  })

  test('calls hooks of what changed once each, and takes everything back when one refuses', () => {
    const { config } = make()
    const ports: number[] = []
    const listen = () => {
      ports.push(config.values.port)
      if (config.values.port === 1) throw new Error('Unable to listen on this port. Check server logs.')
    }
    config.onChange('port', listen)
    config.onChange('bind', listen)
    config.set(['port', '7000', 'bind', '127.0.0.1'])
    config.set(['port', '7000'])
    assert.deepEqual(ports, [7000])
    const reason = 'Unable to listen on this port. Check server logs.'
    fails(() => config.set(['timeout', '5', 'port', '1']), failed('port', reason))
    assert.deepEqual(ports, [7000, 1, 7000])
    assert.equal(config.values.port, 7000)
    assert.equal(config.values.timeout, 0)
  })

  test('enters folders if protected directives may be set', () => {
    const { config, host } = make()
    config.load('enable-protected-configs local')
    fails(() => config.set(['dir', '/tmp']), failed('dir', "can't set protected config"))
    config.set(['dir', '/tmp'], true)
    assert.equal(host.folder, '/tmp')
    fails(() => config.set(['dir', '/nowhere'], true), failed('dir', 'No such file or directory'))
    assert.deepEqual(config.get(['dir']), [['dir', '/tmp']])
  })

  test('keeps numbers in bounds where Valkey does', () => {
    const { config } = make()
    config.set(['hz', '1000'])
    assert.equal(config.values.hz, 500)
  })

  test('changes output limits class by class', () => {
    const { config } = make()
    config.set(['client-output-buffer-limit', 'slave 1mb 2 3'])
    const text = 'normal 0 0 0 slave 1048576 2 3 pubsub 33554432 8388608 60'
    assert.deepEqual(config.get(['client-output-buffer-limit']), [['client-output-buffer-limit', text]])
    assert.deepEqual(config.values['client-output-buffer-limit'].replica, {
      hard: 1048576,
      soft: 2,
      softSeconds: 3,
    })
  })

  test('prints event classes in their order', () => {
    const { config } = make()
    config.set(['notify-keyspace-events', 'gnxKE'])
    assert.deepEqual(config.get(['notify-keyspace-events']), [['notify-keyspace-events', 'gxnKE']])
    config.set(['notify-keyspace-events', 'KEA'])
    assert.deepEqual(config.get(['notify-keyspace-events']), [['notify-keyspace-events', 'AKE']])
    assert.ok(config.values['notify-keyspace-events'].includes('$'))
  })
})

describe('configuration files', () => {
  function refused(config: Config, content: string, expected: string): void {
    assert.throws(
      () => config.load(content),
      (error) => error instanceof ConfigFileError && error.message === expected,
    )
  }

  const title = '\n*** FATAL CONFIG FILE ERROR (Version 8.1.1) ***\n'

  test('refuse a token of the metrics that could be guessed', () => {
    for (const token of ['x', 'fifteen-letters']) {
      assert.throws(() => make().config.load(`metrics-token ${token}`), /must have at least 16 characters/)
    }
    for (const token of ['sixteen--letters', '""']) make().config.load(`metrics-token ${token}`)
  })

  test('reads comments, quotes, and several words', () => {
    const { config } = make()
    config.load('# a comment\n\n  PORT 7000\r\nrequirepass "a \\x41\\" b"\nbind 127.0.0.1 ::1\nsave ""\n')
    assert.equal(config.values.port, 7000)
    assert.equal(config.values.requirepass, 'a A" b')
    assert.deepEqual(config.values.bind, ['127.0.0.1', '::1'])
    assert.deepEqual(config.values.save, [])
  })

  test('adds up save points, the defaults aside', () => {
    const { config } = make()
    config.load('save 60 1\nsave 10 100 5 1000')
    assert.deepEqual(config.get(['save']), [['save', '60 1 10 100 5 1000']])
    config.load('save 1 1\nsave ""\nsave "7 8"')
    assert.deepEqual(config.get(['save']), [['save', '7 8']])
  })

  test('says where and what is wrong', () => {
    const { config } = make()
    const where = "Reading the configuration file, at line 2\n>>> 'nonsense 1'\n"
    refused(config, 'port 1\n nonsense 1', `${title}${where}Bad directive or wrong number of arguments\n`)
    refused(
      config,
      'port 1 2',
      `${title}Reading the configuration file, at line 1\n>>> 'port 1 2'\nwrong number of arguments\n`,
    )
    refused(
      config,
      'port "1',
      `${title}Reading the configuration file, at line 1\n>>> 'port "1'\nUnbalanced quotes in configuration line\n`,
    )
    refused(config, 'logfile /nowhere/log', `${title}Can't open the log file: No such file or directory\n`)
  })

  test('includes files and patterns of files; patterns may match nothing', () => {
    const { config, host } = make()
    host.files.set('/a/1.conf', 'port 1\ntimeout 1\n')
    host.files.set('/a/2.conf', 'port 2\n')
    config.load('include /a/*.conf\ninclude /b/*.conf\ntimeout 9')
    assert.equal(config.values.port, 2)
    assert.equal(config.values.timeout, 9)
    assert.throws(() => config.load('include /b/1.conf'), {
      message: "Fatal error, can't open config file '/b/1.conf': No such file or directory",
    })
  })

  test('stops at a file that includes itself', () => {
    const { config, host } = make()
    host.files.set('/loop', 'include /loop')
    assert.throws(() => config.load('include /loop'), /Too many nested includes/)
  })

  test('accepts directives of old versions and notes renamed commands', () => {
    const { config } = make()
    config.load('dynamic-hz yes\nslave-read-only no\nrename-command CONFIG ""')
    assert.equal(config.values['replica-read-only'], false)
    assert.deepEqual(config.renamedCommands, [{ from: 'CONFIG', to: '' }])
  })

  test('hands the lines of users on, with the place of what is wrong with them', () => {
    const { config } = make()
    assert.throws(() => config.load('user default off'), /Users are not supported/)
    const declared: (readonly string[])[] = []
    config.users = {
      declare(words) {
        if (words.includes('nonsense')) throw new Error('What is that?')
        declared.push(words)
      },
      declarations: () => [],
    }
    config.load('User default "off" ~*')
    assert.deepEqual(declared, [['User', 'default', 'off', '~*']])
    assert.throws(
      () => config.load('port 1\nuser a nonsense'),
      /at line 2\n>>> 'user a nonsense'\nWhat is that\?/,
    )
    assert.throws(() => config.load('user'), /Bad directive or wrong number of arguments/)
  })
})

describe('CONFIG REWRITE', () => {
  test('keeps comments and order, replaces values, adds what is not default', () => {
    const { config, host } = make()
    host.files.set(
      '/conf',
      '# top\nport 7000\n\n\n\nslave-read-only no\nsave 1 1\nsave 2 2\nnonsense\nmaxmemory 1mb\ninclude x\n',
    )
    config.file = '/conf'
    config.load('port 7000\nsave 1 1\nsave 2 2\nmaxmemory 1mb\nreplica-read-only no')
    config.set(['maxmemory', '3000mb', 'timeout', '5', 'requirepass', 'a"b'])
    config.rewrite()
    const text = host.files.get('/conf')!
    assert.equal(
      text.split('# Generated by CONFIG REWRITE\n')[0],
      '# top\nport 7000\n\nreplica-read-only no\nsave 1 1 2 2\n\n# ??? nonsense\nmaxmemory 3000mb\ninclude x\n\n',
    )
    const added = text.split('# Generated by CONFIG REWRITE\n')[1]!.split('\n')
    assert.deepEqual(
      new Set(added),
      new Set([
        'timeout 5',
        'requirepass "a\\"b"',
        'dir "/start"',
        'latency-tracking-info-percentiles 50 99 99.9',
        '',
      ]),
    )
    config.rewrite()
    assert.equal(host.files.get('/conf'), `${text}\n`)
    config.rewrite()
    assert.equal(host.files.get('/conf'), `${text}\n`)
  })

  test('writes the users as they are', () => {
    const { config, host } = make()
    host.files.set('/conf', 'user a on\n# b is gone\nuser b on\nport 7000\nuser c on\n')
    config.file = '/conf'
    config.load('port 7000')
    let users = ['user a off ~x', 'user d on ~"']
    config.users = { declare() {}, declarations: () => users }
    config.rewrite()
    const written = host.files.get('/conf')!
    assert.ok(written.startsWith('user a off ~x\n# b is gone\nuser d on "~\\""\nport 7000\n\n'), written)
    users = []
    config.rewrite()
    assert.doesNotMatch(host.files.get('/conf')!, /user/)
  })

  test('needs a file', () => {
    fails(() => make().config.rewrite(), 'ERR The server is running without a config file')
  })

  test('writes what reads back the same', () => {
    const { config, host } = make()
    config.file = '/conf'
    config.set(['requirepass', 'tab\t\x00\xff', 'bind', '', 'maxmemory-clients', '5%', 'save', ''])
    config.set(['shutdown-on-sigterm', 'nosave now', 'notify-keyspace-events', 'KEA'])
    config.rewrite()
    const again = make()
    again.config.load(host.files.get('/conf')!)
    assert.deepEqual(again.config.get(['*']), config.get(['*']))
  })
})
