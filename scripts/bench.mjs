/**
 * `npm run bench [-- NAME… --quick]`: builds, then runs bench/<NAME>.bench.ts, each in a process of
 * its own. Without names it runs all and writes bench/REPORT.md and bench/report.json. `--quick`
 * gives rougher numbers in less time.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, die, fixtures, prepare, root, run, say } from './steps.mjs'

/** In the order of the report. */
const all = [
  'mainnet',
  'ethereumjs',
  'drop-in',
  'opcodes',
  'interpreter',
  'first-seen',
  'senders',
  'trie',
  'states',
  'pipeline',
  'rpc',
  'micro',
  'memory',
  'event-loop',
  'traces',
  'pool',
  'scaling',
]

const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const asked = args.filter((arg) => !arg.startsWith('-'))
const unknown = [
  ...options.filter((option) => option !== '--quick'),
  ...asked.filter((name) => !all.includes(name)),
]
if (unknown.length > 0) {
  die(
    `unknown: ${unknown.join(' ')}\nusage: npm run bench [-- NAME… --quick], NAME of ${all.join(', ')}`,
  )
}
if (fixtures() === null) {
  die('the benchmarks run on the conformance data: let BRAID_FIXTURES name its folder')
}
prepare()
const folder = join(root, 'build/bench-sections')
mkdirSync(folder, { recursive: true })
const sections = []
for (const name of asked.length > 0 ? asked : all) {
  say(`benchmark ${name}`)
  const output = join(folder, `${name}.json`)
  if (
    attempt(process.execPath, [join(root, 'build/bench/main.js'), name, output, ...options]) === 0
  ) {
    sections.push(output)
  } else {
    process.exitCode = 1
  }
}
if (asked.length === 0) {
  run(process.execPath, [join(root, 'build/bench/report.js'), ...sections])
  say('wrote bench/REPORT.md and bench/report.json')
}
