/**
 * `npm run test:asan` and `npm run test:tsan`: builds the C++ tests with AddressSanitizer and
 * UndefinedBehaviorSanitizer, or with ThreadSanitizer, in a folder of their own, and runs them.
 */
import { join } from 'node:path'
import { attempt, checkTools, die, installDependencies, jobs, root, run, say } from './steps.mjs'

const kinds = { address: 'address,undefined', thread: 'thread' }
const kind = process.argv[2] ?? 'address'
if (kinds[kind] === undefined) {
  die(`unknown sanitizer '${kind}': address or thread`)
}

checkTools()
installDependencies()
const folder = join('build', `sanitize-${kind}`)
say(`building the C++ tests with -fsanitize=${kinds[kind]} (${jobs} jobs)`)
run('cmake', [
  '-S',
  'native',
  '-B',
  folder,
  `-DBRAID_SANITIZE=${kinds[kind]}`,
  '-DCMAKE_BUILD_TYPE=Release',
])
run('cmake', ['--build', folder, '--target', 'braid_tests', '--parallel', jobs])
say('running them')
process.exitCode = attempt(join(root, folder, 'braid_tests'), process.argv.slice(3), {
  env: { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1', ASAN_OPTIONS: 'detect_leaks=1' },
})
