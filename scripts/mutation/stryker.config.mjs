/** How Stryker mutates and tests; see docs/mutation.md. */
import { existsSync } from 'node:fs'
import { globsOf, rooms, leftOut as usuallyLeftOut } from './rooms.mjs'

// The tests' rounds are few then.
process.env.BRAID_MUTATION ??= '1'
// scripts/mutation.mjs says which room it is.
const room = process.env.BRAID_MUTATION_ROOM
const { tests, leftOut = usuallyLeftOut, alsoLeftOut = [], reuse = 400 } = rooms[room]
// A few tests may be asked what they kill.
const chosen = process.env.BRAID_MUTATION_TESTS?.split(',')
const files = (chosen ?? tests)
  .filter((name) => existsSync(`test/${name}.test.ts`))
  .map((name) => `build/test/${name}.test.js`)

export default {
  plugins: ['uvu-runner', 'ignore-messages', 'stream-reporter'].map(
    (name) => `./scripts/mutation/${name}.mjs`,
  ),
  testRunner: 'uvu',
  uvu: { files, leftOut: [...leftOut, ...alsoLeftOut] },
  coverageAnalysis: 'perTest',
  buildCommand: 'node scripts/mutation/sandbox.mjs',
  symlinkNodeModules: false,
  mutate: globsOf(room),
  ignorers: ['messages'],
  // Each would need a process of its own, and all tests of the room in it.
  ignoreStatic: process.env.BRAID_MUTATION_STATIC === undefined,
  // Stryker would rewrite its paths, with an interface that this compiler lacks.
  tsconfigFile: 'none',
  ignorePatterns: [
    '**',
    '!bench/**',
    '!examples/**',
    '!lib/**',
    '!scripts/**',
    '!test/**',
    '!package.json',
    '!package-lock.json',
    '!tsconfig.json',
  ],
  reporters: ['clear-text', 'progress-append-only', 'stream', 'json', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: `build/mutation/${room}.json` },
  htmlReporter: { fileName: `build/mutation/${room}.html` },
  // What was killed stays so while neither the code nor the killing test changes.
  incremental: chosen === undefined,
  incrementalFile: `build/mutation/${room}-before.json`,
  tempDirName: 'build/mutation/sandbox',
  // A mutant that stops a loop from ending mostly meets Stryker's limit of hits long before this.
  timeoutMS: 20_000,
  timeoutFactor: 4,
  maxTestRunnerReuse: reuse,
  dryRunTimeoutMinutes: 60,
}
