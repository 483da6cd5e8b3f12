/**
 * `npm test [-- native|unit|long]`: installs and builds what is missing, then runs the C++ and the
 * TypeScript tests (or one of the two). `long` also runs what takes minutes (BRAID_LONG=1).
 */
import { join } from 'node:path'
import { attempt, buildNativeTarget, die, prepare, root, say } from './steps.mjs'
import { unitTestsPass } from './unit-tests.mjs'

const part = process.argv[2] ?? 'all'
if (!['all', 'native', 'unit', 'long'].includes(part)) {
  die(`unknown part '${part}': native, unit or long, or nothing for all but the long tests`)
}

prepare()
let failed = false
if (part !== 'unit') {
  buildNativeTarget('braid_tests')
  say('running the C++ tests')
  failed = attempt(join(root, 'build/cmake/native/braid_tests'), []) !== 0
}
if (part !== 'native') {
  say('running the TypeScript tests')
  const env = part === 'long' ? { ...process.env, BRAID_LONG: '1' } : process.env
  failed = !(await unitTestsPass('\\.test\\.js$', env)) || failed
}
process.exitCode = failed ? 1 : 0
