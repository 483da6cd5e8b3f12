/**
 * `npm run test:asan` and `npm run test:tsan`: builds with AddressSanitizer and
 * UndefinedBehaviorSanitizer, or with ThreadSanitizer, in a folder of their own, and runs the C++
 * tests. With the former it also runs a sample of the state tests on the sanitized addon, where the
 * compiler's libasan can be loaded into node and the conformance data is there.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import {
  attempt,
  buildTypeScript,
  checkTools,
  die,
  fixtures,
  installDependencies,
  jobs,
  root,
  run,
  say,
} from './steps.mjs'

const kinds = { address: 'address,undefined', thread: 'thread' }
const kind = process.argv[2] ?? 'address'
if (kinds[kind] === undefined) {
  die(`unknown sanitizer '${kind}': address or thread`)
}
const folder = join('build', `sanitize-${kind}`)

/** The folders a sample of the state tests is taken from: every room that executes is touched. */
const sample = [
  'state_tests/stCreate2',
  'state_tests/stPreCompiledContracts',
  'state_tests/stRevertTest',
  'state_tests/stSStoreTest',
  'state_tests/stSystemOperationsTest',
  'state_tests/stTransactionTest',
  'state_tests/VMTests',
  'eest/state_tests/prague',
]

/** The sanitizer's library of the compiler in use; null where it has none to be loaded early. */
function sanitizerLibrary() {
  const compiler = process.env.CXX ?? 'c++'
  const found = spawnSync(compiler, ['-print-file-name=libasan.so'], { encoding: 'utf8' })
  const path = found.stdout?.trim() ?? ''
  return isAbsolute(path) && existsSync(path) ? path : null
}

function configureAndBuild() {
  const packages = join(root, 'node_modules')
  const headers = [join(packages, 'node-api-headers/include'), join(packages, 'node-addon-api')]
  say(`building with -fsanitize=${kinds[kind]} (${jobs} jobs)`)
  run('cmake', [
    '-S',
    'native',
    '-B',
    folder,
    `-DBRAID_SANITIZE=${kinds[kind]}`,
    '-DBRAID_FAILPOINTS=ON',
    '-DCMAKE_BUILD_TYPE=Release',
    `-DCMAKE_JS_INC=${headers.join(';')}`,
  ])
  const targets = kind === 'address' ? ['braid_tests', 'braid_addon'] : ['braid_tests']
  run('cmake', ['--build', folder, '--parallel', jobs, '--target', ...targets])
}

/** Runs state tests on the sanitized addon; returns the exit code. */
function runStateTests() {
  const data = fixtures()
  const library = sanitizerLibrary()
  if (data === null || library === null || process.platform !== 'linux') {
    say('no state tests on the sanitized addon: no conformance data, or no libasan.so')
    return 0
  }
  buildTypeScript()
  say('running a sample of the state tests on the sanitized addon')
  const env = {
    ...process.env,
    BRAID_ADDON: join(root, folder, 'braid.node'),
    LD_PRELOAD: library,
    // node itself does not free everything at its end.
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  }
  const folders = sample.map((name) => join(data, name)).filter((path) => existsSync(path))
  const braid = join(root, 'dist/cli/braid.js')
  return attempt(process.execPath, [braid, 'statetest', ...folders], { env })
}

checkTools()
installDependencies()
configureAndBuild()
say('running the C++ tests')
const code = attempt(join(root, folder, 'braid_tests'), process.argv.slice(3), {
  env: {
    ...process.env,
    UBSAN_OPTIONS: 'print_stacktrace=1',
    // Tests of crashes fork, and LMDB copies with a thread of its own there.
    TSAN_OPTIONS: 'die_after_fork=0',
  },
})
process.exitCode = code !== 0 ? code : kind === 'address' ? runStateTests() : 0
