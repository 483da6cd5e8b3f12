/**
 * `npm run test:mutation [-- ROOM… | --mutate GLOB…]`: breaks lib/ in thousands of small ways and tells
 * which of them no test notices. Without arguments every room is mutated, one after another; each that
 * is mutated whole renews its part of docs/mutation.md. With `--mutate lib/trie/branch.ts` only the
 * files named are (or some lines: `lib/trie/branch.ts:20-30`), and what that kills is struck off the
 * document's list; `--tests trie,state-trie` asks these tests alone. Takes hours; see docs/mutation.md.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { record, strike, summaryOf, writeDocument } from './mutation/report.mjs'
import { globsOf, rooms } from './mutation/rooms.mjs'
import { attempt, die, fixtures, prepare, root, say } from './steps.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutate: { type: 'string', multiple: true, default: [] },
    tests: { type: 'string' },
    concurrency: { type: 'string' },
    static: { type: 'boolean', default: false },
    document: { type: 'boolean', default: false },
  },
})

if (values.document) {
  // Reasons were added: the document alone.
  writeDocument()
} else {
  for (const room of positionals) {
    if (rooms[room] === undefined) die(`no room '${room}': ${Object.keys(rooms).join(', ')}`)
  }
  const given = positionals.length > 0 ? positionals : Object.keys(rooms)
  if (values.tests !== undefined && values.mutate.length === 0) {
    die('a room is recorded with all of its tests: --tests goes with --mutate')
  }
  const parts = values.mutate.length > 0 ? partsOf(values.mutate) : given.map((room) => [room, []])
  prepare()
  if (fixtures() === null) die('no conformance data: set BRAID_FIXTURES; many tests need it')
  for (const [room, globs] of parts) mutate(room, globs)
}

/** Globs by the room they are in. */
function partsOf(globs) {
  const parts = new Map()
  for (const glob of globs.flatMap((list) => list.split(','))) {
    const isEthash = glob.startsWith(globsOf('ethash')[0])
    const room = isEthash ? 'ethash' : glob.match(/^lib\/(\w+)\//)?.[1]
    if (rooms[room] === undefined) die(`'${glob}' is in none of ${Object.keys(rooms).join(', ')}`)
    parts.set(room, [...(parts.get(room) ?? []), glob])
  }
  return [...parts]
}

function mutate(room, globs) {
  say(`mutating ${(globs.length > 0 ? globs : globsOf(room)).join(', ')}`)
  const file = join(root, 'build', 'mutation', `${room}.json`)
  rmSync(file, { force: true })
  const start = performance.now()
  const commit = commitOf()
  const args = ['run', 'scripts/mutation/stryker.config.mjs']
  if (globs.length > 0) args.push('--mutate', globs.join(','))
  if (values.concurrency !== undefined) args.push('--concurrency', values.concurrency)
  const env = { ...process.env, BRAID_MUTATION_ROOM: room, BRAID_FIXTURES: fixtures() }
  if (values.static) env.BRAID_MUTATION_STATIC = '1'
  if (values.tests !== undefined) env.BRAID_MUTATION_TESTS = values.tests
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const code = attempt(process.execPath, [stryker, ...args], { env })
  if (!existsSync(file)) die(`Stryker failed (exit code ${code})`)
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const minutes = Math.round((performance.now() - start) / 60_000)
  if (globs.length === 0) record(room, report, { minutes, commit })
  else say(`killed since the whole room was mutated: ${strike(room, report)}`)
  writeDocument()
  say(summaryOf(report))
}

/** The commit that is mutated, with a plus where files differ from it. */
function commitOf() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const isChanged = git('status', '--porcelain', 'lib', 'test') !== ''
  return git('rev-parse', '--short', 'HEAD') + (isChanged ? '+' : '')
}
