/**
 * Puts the benchmarks' sections together:
 *
 *   node build/bench/report.js SECTION.json…
 *
 * writes bench/REPORT.md and bench/report.json.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { basename, join } from 'node:path'
import { root } from './support/fixtures.js'
import { type Section, table } from './support/section.js'

const sections = new Map(
  process.argv
    .slice(2)
    .map((path) => [basename(path, '.json'), JSON.parse(readFileSync(path, 'utf8')) as Section]),
)

/** What a command prints, or a question mark. */
function ask(program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return '?'
  }
}

const changed = ask('git', 'status', '--porcelain', '--', 'lib', 'native', 'package.json') !== ''
const machine = {
  cpu: processor(),
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()} ${arch()}`,
  node: process.version,
  compiler: ask(process.env.CXX?.split(' ')[0] ?? 'c++', '--version').split('\n', 1)[0] ?? '?',
  commit: `${ask('git', 'rev-parse', '--short=12', 'HEAD')}${changed ? ' with changes' : ''}`,
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  loadAtTheEnd: loadavg().map((load) => Number(load.toFixed(2))),
}

/** The model's name and, where it is vague, its numbers. */
function processor(): string {
  const name = cpus()[0]?.model ?? '?'
  if (process.platform !== 'linux') return name
  const info = readFileSync('/proc/cpuinfo', 'utf8')
  const of = (field: string) => new RegExp(`^${field}\\s*:\\s*(\\S+)$`, 'm').exec(info)?.[1]
  const [family, model] = [of('cpu family'), of('model')]
  return family === undefined ? name : `${name} (family ${family}, model ${model})`
}

const verdicts = [...sections.values()].flatMap((section) => section.verdicts)
const text = [
  '# Benchmark report',
  '',
  'Written by `npm run bench`. Times are by the clock unless a section says otherwise, on the machine',
  'below and whatever else it did; compare numbers of one report, not of two.',
  '',
  table(
    ['', ''],
    [
      ['processor', machine.cpu],
      ['cores', String(machine.cores)],
      ['memory', `${machine.memoryGiB} GiB`],
      ['system', machine.system],
      ['Node.js', machine.node],
      ['compiler', machine.compiler],
      ['commit', machine.commit],
      ['date', `${machine.date} UTC`],
      ['load (1, 5, 15 minutes) at the end', machine.loadAtTheEnd.join(', ')],
    ],
  ),
  '',
  '## Targets',
  '',
  table(
    ['target', 'measured', ''],
    verdicts.map(({ target, measured, met }) => [target, measured, met ? 'met' : '**missed**']),
  ),
  '',
  '## Where it is weakest',
  '',
  ...[...sections.values()].flatMap(({ losses }) => losses.map((loss) => `- ${loss}`)),
  ...[...sections.values()].flatMap((section) => ['', `## ${section.title}`, '', section.text]),
  '',
].join('\n')

writeFileSync(join(root, 'bench/REPORT.md'), text)
const json = {
  machine,
  sections: Object.fromEntries(
    [...sections].map(([name, { title, verdicts: reached, data }]) => [
      name,
      { title, verdicts: reached, data },
    ]),
  ),
}
writeFileSync(join(root, 'bench/report.json'), `${JSON.stringify(json, null, 1)}\n`)
