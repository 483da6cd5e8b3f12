import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { braidProgram } from '../lib/cli/commands/program.js'
import { workloadNames } from '../lib/workloads/index.js'
import { root } from './fixtures.js'
import { braid } from './support/braid-command.js'

const help = suite('command line, help and errors')

const folder = mkdtempSync(join(tmpdir(), 'braid-help-'))
help.after(() => rmSync(folder, { recursive: true }))

const commands = [
  'execute',
  'inspect',
  'trace',
  'call',
  'logs',
  'receipts',
  'what-if',
  'import',
  'state',
  'bench',
  'statetest',
  'blocktest',
  'tracetest',
  't8n',
  't9n',
  'b11r',
  'demo',
]
const pageOf = (command: string) => braid([command, '--help']).stdout

help('names every command, the exit codes and examples', () => {
  for (const args of [['--help'], ['-h'], ['help'], ['help', '--help']]) {
    const { status, stdout } = braid(args)
    assert.is(status, 0)
    for (const command of commands) assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'))
    assert.match(stdout, /^Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 /m)
    assert.match(stdout, /^Examples:\n {2}braid /m)
  }
  assert.match(braid(['--version']).stdout, /^\d+\.\d+\.\d+\n$/)
})

help('has a page with examples for every command, however it is asked for', () => {
  for (const command of commands) {
    const page = pageOf(command)
    assert.match(page, new RegExp(`^Usage: braid ${command} \\[options\\]`))
    assert.match(page, new RegExp(`^Examples:\n {2}braid ${command}`, 'm'))
    for (const args of [
      ['help', command],
      [command, '-h'],
      [command, 'x', '--help'],
    ]) {
      const { status, stdout } = braid(args)
      assert.is(status, 0)
      assert.is(stdout, page, args.join(' '))
    }
  }
})

help('describes every option and argument of every command', () => {
  for (const command of braidProgram().commands) {
    const page = pageOf(command.name())
    for (const { description } of [...command.options, ...command.registeredArguments]) {
      assert.ok(description.length > 0, command.name())
      // Lines are broken wherever the page's width asks for it.
      const words = description.split(' ').map((word) => word.replace(/[^\w]/g, '\\$&'))
      assert.match(page, new RegExp(words.join('\\s+')), command.name())
    }
    assert.ok(
      command.options.some(({ long }) => long === '--json'),
      `${command.name()} prints JSON`,
    )
  }
  assert.equal(
    braidProgram().commands.map((command) => command.name()),
    commands,
  )
})

help('names every workload', () => {
  const page = pageOf('bench')
  for (const name of workloadNames) assert.match(page, new RegExp(`[ ,]${name}[,\n]`))
})

help('fits on 80 columns', () => {
  for (const page of ['', ...commands].map(pageOf)) {
    for (const line of page.split('\n')) assert.ok(line.length <= 80, line)
  }
})

help('needs no native addon; without one a command fails in one line', () => {
  const env = { BRAID_ADDON: join(folder, 'absent.node') }
  assert.is(braid(['--help'], env).status, 0)
  assert.is(braid(['bench', '--help'], env).status, 0)
  const { status, stderr } = braid(['demo'], env)
  assert.is(status, 2)
  assert.match(stderr, /^braid: NATIVE_LOAD_FAILED: [^\n]*absent\.node: no such file[^\n]*\n$/)
})

help('errors are one line with what helps behind them', () => {
  const rlp = join(folder, 'broken.rlp')
  writeFileSync(rlp, Uint8Array.of(0xf8, 0xff, 1))
  const lines = join(folder, 'lines.json')
  writeFileSync(lines, '{\n"a"\n:\n}')
  const state = join(folder, 'state.json')
  writeFileSync(state, '{}')
  const block = join(folder, 'block.json')
  writeFileSync(block, JSON.stringify({ block: '0x00', preState: null }))
  const cases: [string[], RegExp][] = [
    [[], /^no command given: there are execute, inspect, .*\nSee braid --help\.\n$/],
    [['exceute'], /^unknown command 'exceute' \(Did you mean execute\?\)\nSee braid --help\.\n$/],
    [['bloktest'], /^unknown command 'bloktest' \(Did you mean blocktest\?\)\n/],
    [['juggle'], /^unknown command 'juggle'\nSee braid --help\.\n$/],
    [['juggle', '--help'], /^unknown command 'juggle'\n/],
    [['help', 'demmo'], /^unknown command 'demmo' \(Did you mean demo\?\)\n/],
    [['--hepl'], /^unknown option '--hepl' \(Did you mean --help\?\)\nSee braid --help\.\n$/],
    [['--threads', '2', 'execute'], /^unknown option '--threads'\n/],
    [
      ['execute', '--sate', 'x'],
      /^unknown option '--sate' \(Did you mean --state\?\)\nSee braid execute --help\.\n$/,
    ],
    [['demo', '-x'], /^unknown option '-x'\nSee braid demo --help\.\n$/],
    [['execute'], /^missing required argument 'block'\nSee braid execute --help\.\n$/],
    [['inspect', 'x', 'y'], /^too many arguments.*\nSee braid inspect --help\.\n$/],
    [['execute', 'x', '--threads'], /^option '--threads <n>' argument missing\n/],
    [
      ['execute', 'x', '--threads', 'abc'],
      /^--threads takes a whole number from 0 to 1024, not abc\n/,
    ],
    [
      ['execute', 'x', '--policy', 'optimist'],
      /^--policy knows no optimist, did you mean 'optimistic'\?\n/,
    ],
    [
      ['inspect', 'x', '--repeat', '0x2'],
      /^--repeat takes a whole number of at least 1, not 0x2\n/,
    ],
    [['bench', '--workload', 'erc-20'], /^--workload knows no erc-20, did you mean 'erc20'\?\n/],
    [['bench', '--workload', 'erc20', '--hot', '2'], /^--hot takes a number from 0 to 1, not 2\n/],
    [['execute', '/nowhere/b.rlp'], /^cannot read \/nowhere\/b\.rlp: no such file or folder\n$/],
    [['execute', folder], /^cannot read .*: it is a folder\n$/],
    [['execute', lines], /^.*lines\.json is not JSON: [^\n]*\n$/],
    [['execute', block], /^.*block\.json brings no preState or witness; give .* --state\n$/],
    [['execute', rlp, '--state', state], /^.*broken\.rlp: DECODE_[A-Z_]+: .*\nA block is RLP/],
    [['bench', '--vm', '/no.so', '--workload', 'erc20'], /^VM_NOT_FOUND: .*\n--vm takes builtin/],
    [
      [
        'demo',
        '--html',
        '/nowhere/x.html',
        '--part',
        'made',
        '--transactions',
        '1',
        '--repeat',
        '1',
      ],
      /^cannot write/,
    ],
  ]
  for (const [args, expected] of cases) {
    const { status, stdout, stderr } = braid(args)
    assert.is(status, 2, args.join(' '))
    assert.is(stdout, '')
    assert.match(stderr, /^braid: /)
    assert.match(stderr.slice('braid: '.length), expected)
  }
})

help('ends with its own exit code where nobody reads its output', () => {
  const command = `'${process.execPath}' dist/cli/braid.js`
  const script = `{ ${command} --help; echo $? >&2; } | true`
  const { stderr } = spawnSync('sh', ['-c', script], { cwd: root, encoding: 'utf8' })
  assert.is(stderr, '0\n')
})

help.run()
