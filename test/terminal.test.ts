import { Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hotLocationLines } from '../lib/cli/execution-lines.js'
import { progressOn } from '../lib/cli/progress.js'
import { formatTable } from '../lib/cli/table.js'
import { canRedraw, type OutputStream, roomOf, toned } from '../lib/cli/terminal.js'
import { screenOf } from './support/braid-command.js'

const terminal = suite('terminal')

/** A stream that keeps what is written on it. */
class Recorder extends Writable implements OutputStream {
  readonly writes: string[] = []

  constructor(
    readonly isTTY: boolean,
    readonly columns = 80,
  ) {
    super({ decodeStrings: false })
  }

  override _write(text: string, _: BufferEncoding, done: () => void): void {
    this.writes.push(text)
    done()
  }
}

const variables = ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS', 'TERM']

/** Runs something in an environment that says nothing about terminals but this. */
function withEnvironment(env: NodeJS.ProcessEnv, run: () => void): void {
  Object.assign(process.env, env)
  try {
    run()
  } finally {
    for (const name of variables) delete process.env[name]
  }
}

terminal.before(() => {
  // uvu asks for colours on everybody's behalf.
  for (const name of variables) delete process.env[name]
})

const screen = new Recorder(true)
const pipe = new Recorder(false)
const plain = stripVTControlCharacters

terminal('colours are for terminals, unless the environment says otherwise', () => {
  const cases: [Recorder, Record<string, string>, boolean][] = [
    [screen, {}, true],
    [pipe, {}, false],
    [pipe, { FORCE_COLOR: '1' }, true],
    [pipe, { FORCE_COLOR: '' }, true],
    [pipe, { FORCE_COLOR: 'true' }, true],
    [screen, { FORCE_COLOR: '0' }, false],
    [screen, { FORCE_COLOR: 'false' }, false],
  ]
  for (const [stream, env, expected] of cases) {
    withEnvironment(env, () => {
      const text = toned('pass', 'yes', stream)
      assert.is(
        text,
        expected ? '\x1b[32myes\x1b[39m' : 'yes',
        `${stream.isTTY} ${JSON.stringify(env)}`,
      )
    })
  }
})

terminal('lines are drawn over on terminals that can do it, whatever is said about colours', () => {
  withEnvironment({ NO_COLOR: '1' }, () => assert.ok(canRedraw(screen)))
  withEnvironment({ TERM: 'dumb' }, () => assert.not(canRedraw(screen)))
  withEnvironment({ FORCE_COLOR: '1' }, () => assert.not(canRedraw(pipe)))
})

terminal('a terminal that does not tell its width has 80 columns, a pipe has no end', () => {
  assert.is(roomOf(new Recorder(true, 120)), 120)
  assert.is(roomOf(new Recorder(true, 0)), 80)
  assert.is(roomOf(pipe), Number.POSITIVE_INFINITY)
})

const columns = [
  { title: 'block' },
  { title: 'first to go', rank: 1 },
  { title: 'second', rank: 2 },
  { title: 'stays' },
]
const rows = [
  ['19426586', '1', '22', { text: 'no', tone: 'fail' as const }],
  ['7', '333', '4', { text: 'yes', tone: 'pass' as const }],
]

terminal('tables are aligned, and whole where nobody looks at a terminal', () => {
  assert.equal(formatTable(columns, rows, pipe), {
    lines: [
      'block     first to go  second  stays',
      '19426586            1      22     no',
      '7                 333       4    yes',
    ],
    leftOut: [],
  })
})

terminal('tables leave columns out until they fit, by rank', () => {
  const of = (width: number) => formatTable(columns, rows, new Recorder(true, width))
  assert.equal(of(36).leftOut, [])
  assert.equal(of(35).leftOut, ['first to go'])
  assert.equal(of(22).leftOut, ['first to go', 'second'])
  for (const width of [36, 35, 23, 22, 15]) {
    for (const line of of(width).lines) assert.ok(plain(line).length <= width, `${width}: ${line}`)
  }
  // What has no rank stays.
  assert.is(plain(of(1).lines[2]), '7           yes')
})

terminal('colours do not move columns', () => {
  const { lines } = formatTable(columns, rows, screen)
  assert.match(lines.join(''), '\x1b[31m')
  assert.equal(lines.map(plain), formatTable(columns, rows, pipe).lines)
})

terminal('long locations are shortened where a terminal has no room for them', () => {
  const location = {
    address: `0x${'dac17f95'.repeat(5)}` as const,
    kind: 'storage' as const,
    key: `0x${'78b35599'.repeat(8)}` as const,
    dependents: 10,
    conflicts: 2,
  }
  const lines = (stream: OutputStream) => hotLocationLines([location], 10, stream)
  assert.match(lines(pipe)[1], `${location.address} storage ${location.key}`)
  assert.match(lines(new Recorder(true, 200))[1], location.key)
  assert.match(lines(screen)[1], /^0xdac17f95…dac17f95 storage 0x78b35599…78b35599 /)
  for (const line of lines(screen)) assert.ok(line.length <= 80)
})

/** A progress bar, and what is drawn of it. */
function drawn(
  total: number,
  { stream = new Recorder(true), json = false }: { stream?: Recorder; json?: boolean } = {},
) {
  return { progress: progressOn({ json, stream })(total, 'files'), stream }
}

terminal('progress is drawn over and over in one line, and taken away', async () => {
  const { progress, stream } = drawn(40, { stream: new Recorder(true, 120) })
  progress.update(0, { current: 'a.json' })
  assert.equal(screenOf(stream.writes.join('')), [`${'░'.repeat(24)} 0 %  0 of 40 files  a.json`])
  await setTimeout(20)
  progress.update(10, { current: 'b.json', failed: 2 })
  // It is drawn again by itself.
  await setTimeout(400)
  const bar = '█'.repeat(6) + '░'.repeat(18)
  const [line] = screenOf(stream.writes.join(''))
  assert.ok(line.startsWith(`${bar} 25 %  10 of 40 files, 2 failed, `), line)
  assert.match(line, /, \d+ s left {2}b\.json$/)
  assert.match(stream.writes.join(''), '\x1b[31m, 2 failed\x1b[39m')
  progress.clear()
  assert.equal(screenOf(stream.writes.join('')), [''])
  assert.not.match(stream.writes.join(''), '\n')
  // It is taken away once, and comes back with the next update.
  const { length } = stream.writes
  progress.clear()
  assert.is(stream.writes.length, length)
  progress.update(20)
  assert.match(screenOf(stream.writes.join(''))[0], / 50 % {2}20 of 40 files/)
  progress.clear()
})

terminal('progress goes by the share that it is told, where things are not alike', () => {
  const { progress, stream } = drawn(4)
  progress.update(1, { share: 0.9 })
  assert.match(screenOf(stream.writes.join(''))[0], /^█{22}░░ 90 % {2}1 of 4 files/)
  progress.clear()
})

terminal('progress is drawn a few times a second at most', () => {
  const { progress, stream } = drawn(10_000)
  for (let i = 0; i < 10_000; i++) progress.update(i)
  const draws = stream.writes.filter((text) => text.includes(' of 10000 files'))
  assert.ok(draws.length >= 1 && draws.length <= 3, `${draws.length}`)
  progress.clear()
})

terminal('progress takes one line, and file names cannot steer the terminal', () => {
  for (const columns of [10, 30, 80]) {
    const { progress, stream } = drawn(7, { stream: new Recorder(true, columns) })
    progress.update(3, { failed: 1, current: `\x1b]0;title\x07\n${'名'.repeat(100)}` })
    progress.clear()
    const [line] = stream.writes.filter((text) => text.includes('█'))
    assert.ok(stripVTControlCharacters(line).length <= columns, `${columns}: ${line}`)
    for (const text of ['\x07', '\n', '\x1b]', '名']) assert.not.match(line, text)
  }
})

terminal('progress has no colours where they are not wanted', () => {
  withEnvironment({ FORCE_COLOR: '0' }, () => {
    const { progress, stream } = drawn(7)
    progress.update(3, { failed: 1 })
    progress.clear()
    assert.match(stream.writes.join(''), ', 1 failed')
    assert.not.match(stream.writes.join(''), '\x1b[31m')
  })
})

terminal('there is no progress in pipes, on dumb terminals, for programs and for one thing', () => {
  const cases: [NodeJS.ProcessEnv, ReturnType<typeof drawn>][] = []
  const add = (env: NodeJS.ProcessEnv, total: number, options?: Parameters<typeof drawn>[1]) =>
    withEnvironment(env, () => cases.push([env, drawn(total, options)]))
  add({}, 5, { stream: new Recorder(false) })
  add({ FORCE_COLOR: '1' }, 5, { stream: new Recorder(false) })
  add({ TERM: 'dumb' }, 5)
  add({}, 5, { json: true })
  add({}, 1)
  add({}, 0)
  for (const [env, { progress, stream }] of cases) {
    progress.update(0)
    progress.clear()
    assert.equal(stream.writes, [], JSON.stringify(env))
  }
})

terminal.run()
