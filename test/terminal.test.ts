import { stripVTControlCharacters } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hotLocationLines } from '../lib/cli/execution-lines.js'
import { type Progress, type ProgressOptions, progressOn } from '../lib/cli/progress.js'
import { formatTable } from '../lib/cli/table.js'
import { canRedraw, type OutputStream, roomOf, toned, usesColor } from '../lib/cli/terminal.js'
import { screenOf } from './support/braid-command.js'

const terminal = suite('terminal')

terminal.before(() => {
  // uvu asks for colours on everybody's behalf.
  delete process.env.FORCE_COLOR
})

/** A stream that keeps what is written on it. */
class Recorder implements OutputStream {
  readonly writes: string[] = []

  constructor(
    readonly isTTY: boolean,
    readonly columns = 80,
  ) {}

  write(text: string): void {
    this.writes.push(text)
  }
}

const screen = new Recorder(true)
const pipe = new Recorder(false)
const plain = stripVTControlCharacters

terminal('colours are for terminals, unless the environment says otherwise', () => {
  const cases: [Recorder, Record<string, string>, boolean][] = [
    [screen, {}, true],
    [pipe, {}, false],
    [screen, { TERM: 'dumb' }, false],
    [screen, { NO_COLOR: '1' }, false],
    [screen, { NO_COLOR: '' }, true],
    [pipe, { FORCE_COLOR: '1' }, true],
    [pipe, { FORCE_COLOR: '' }, true],
    [pipe, { FORCE_COLOR: 'true', NO_COLOR: '1' }, true],
    [screen, { FORCE_COLOR: '0' }, false],
    [screen, { FORCE_COLOR: 'false' }, false],
  ]
  for (const [stream, env, expected] of cases) {
    const name = `${stream.isTTY} ${JSON.stringify(env)}`
    assert.is(usesColor(stream, env), expected, name)
    assert.is(toned('pass', 'yes', stream, env), expected ? '\x1b[32myes\x1b[39m' : 'yes', name)
  }
  assert.is(toned('fail', '', screen, {}), '')
})

terminal('lines are drawn over on terminals that can do it, whatever is said about colours', () => {
  assert.ok(canRedraw(screen, { NO_COLOR: '1' }))
  assert.not(canRedraw(screen, { TERM: 'dumb' }))
  assert.not(canRedraw(pipe, { FORCE_COLOR: '1' }))
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
  const lines = formatTable(columns, rows, screen).lines.map(plain)
  assert.equal(lines, formatTable(columns, rows, pipe).lines)
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

/** A progress line on a terminal, with a clock that is moved by hand. */
function drawn(
  total: number,
  {
    stream = new Recorder(true),
    ...options
  }: Partial<ProgressOptions> & { stream?: Recorder } = {},
): { progress: Progress; stream: Recorder; pass: (milliseconds: number) => void } {
  let time = 5
  const start = progressOn({ json: false, env: {}, now: () => time, ...options, stream })
  return {
    progress: start(total, 'files'),
    stream,
    pass: (milliseconds) => {
      time += milliseconds
    },
  }
}

terminal('progress is drawn over and over in one line, and taken away', () => {
  const { progress, stream, pass } = drawn(40)
  progress.update(0, { current: 'a.json' })
  pass(3000)
  progress.update(10, { current: 'b.json', failed: 2 })
  assert.is(stream.writes.length, 2)
  const [first, second] = stream.writes.map(plain)
  assert.is(first, `\r${'░'.repeat(24)} 0 %  0 of 40 files  a.json`)
  const bar = '█'.repeat(6) + '░'.repeat(18)
  assert.is(second, `\r${bar} 25 %  10 of 40 files, 2 failed, 9 s left  b.json`)
  assert.match(stream.writes[1], '\x1b[31m██████\x1b[39m')
  progress.clear()
  assert.equal(screenOf(stream.writes.join('')), [''])
  assert.not.match(stream.writes.join(''), '\n')
  // It is taken away once.
  progress.clear()
  assert.is(stream.writes.length, 3)
})

terminal('progress goes by the share that it is told, where things are not alike', () => {
  const { progress, stream, pass } = drawn(4)
  pass(10_000)
  progress.update(1, { share: 0.9 })
  assert.match(plain(stream.writes[0]), /█{22}░░ 90 % {2}1 of 4 files, 2 s left\s*$/)
})

terminal('progress is drawn ten times a second at most', () => {
  const { progress, stream, pass } = drawn(10_000)
  for (let i = 0; i < 10_000; i++) {
    progress.update(i)
    pass(0.5)
  }
  assert.ok(stream.writes.length >= 45 && stream.writes.length <= 51, `${stream.writes.length}`)
})

terminal('progress never fills a line to its end, and file names cannot steer the terminal', () => {
  for (const columns of [1, 10, 30, 80]) {
    const { progress, stream } = drawn(7, { stream: new Recorder(true, columns) })
    progress.update(3, { failed: 1, current: `\x1b]0;title\x07\n${'名'.repeat(100)}` })
    const [line] = stream.writes.map(plain)
    assert.ok(line.length - 1 <= columns - 1, `${columns}: ${line.length}`)
    for (const character of ['\x07', '\n', '\x1b', '名']) assert.not.match(line, character)
  }
})

terminal('progress has no colours where they are not wanted', () => {
  const { progress, stream } = drawn(7, { env: { NO_COLOR: '1' } })
  progress.update(3, { failed: 1 })
  assert.not.match(stream.writes[0].replaceAll('\x1b[K', ''), '\x1b')
})

terminal('there is no progress in pipes, on dumb terminals, for programs and for one thing', () => {
  const cases = [
    drawn(5, { stream: new Recorder(false) }),
    drawn(5, { stream: new Recorder(false), env: { FORCE_COLOR: '1' } }),
    drawn(5, { env: { TERM: 'dumb' } }),
    drawn(5, { json: true }),
    drawn(1),
    drawn(0),
  ]
  for (const { progress, stream } of cases) {
    progress.update(0)
    progress.clear()
    assert.equal(stream.writes, [])
  }
})

terminal.run()
