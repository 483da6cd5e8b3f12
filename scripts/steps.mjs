/**
 * The steps that every command shares: check the tools, install, build. Plain Node, no dependency,
 * so that they work in a fresh clone before anything is installed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** How many compilers to run at once: CMAKE_BUILD_PARALLEL_LEVEL where set, else all cores. */
export const jobs = process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? String(availableParallelism())

/** Prints what the command is doing now. */
export function say(text) {
  process.stdout.write(`braid-evm: ${text}\n`)
}

/** Prints an error and ends the process with exit code 1. */
export function die(text) {
  process.stderr.write(`braid-evm: ${text}\n`)
  process.exit(1)
}

/** Runs a program with the terminal's output; returns its exit code (1 where a signal ended it). */
export function attempt(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) {
    process.stderr.write(`braid-evm: cannot run ${program}: ${result.error.message}\n`)
    return 1
  }
  return result.status ?? 1
}

/** Runs a program like `attempt` and ends the process where it fails. */
export function run(program, args, options) {
  const code = attempt(program, args, options)
  if (code !== 0) {
    die(`failed (exit code ${code}): ${[program, ...args].join(' ')}`)
  }
}

/** Runs a JavaScript program of an installed package with this Node. */
export function runNode(script, args, options) {
  run(process.execPath, [join(root, script), ...args], options)
}

/** How to call npm, the one that called us where one did: a program and its arguments. */
export function npmCommand(args) {
  const npm = process.env.npm_execpath
  return npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args]
}

/** Runs npm in a folder, the root by default, and ends the process where it fails. */
export function runNpm(args, folder = root) {
  const [program, all] = npmCommand(args)
  run(program, all, { cwd: folder })
}

/** The packages that bring each tool: on Debian, Fedora, Alpine and, null for Xcode's, macOS. */
const packages = {
  cmake: { apt: 'cmake', dnf: 'cmake', apk: 'cmake', brew: 'cmake' },
  compiler: { apt: 'g++', dnf: 'gcc-c++', apk: 'g++', brew: null },
  make: { apt: 'make', dnf: 'make', apk: 'make', brew: null },
}

function answers(program, args = ['--version']) {
  const result = spawnSync(program, args, { encoding: 'utf8' })
  return !result.error && result.status === 0 ? result.stdout : null
}

function howToGet(tool) {
  const names = packages[tool]
  if (process.platform === 'darwin') {
    return names.brew === null ? 'xcode-select --install' : `brew install ${names.brew}`
  }
  return [
    `apt-get install ${names.apt} (Debian, Ubuntu)`,
    `dnf install ${names.dnf} (Fedora)`,
    `apk add ${names.apk} (Alpine)`,
  ].join(', or ')
}

function atLeast(version, major, minor) {
  const [a = 0, b = 0] = version.split('.').map(Number)
  return a > major || (a === major && b >= minor)
}

/** Ends the process with the name of every missing tool, and how to get it. */
export function checkTools() {
  const missing = []
  if (!atLeast(process.versions.node, 20, 19)) {
    missing.push(`Node.js 20.19 or newer is needed; this is ${process.versions.node}`)
  }
  const cmake = answers('cmake')
  const cmakeVersion = cmake?.match(/version (\d+\.\d+)/)?.[1]
  if (cmakeVersion === undefined) {
    missing.push(`cmake is missing. Get it: ${howToGet('cmake')}`)
  } else if (!atLeast(cmakeVersion, 3, 18)) {
    missing.push(`cmake 3.18 or newer is needed; this is ${cmakeVersion}. ${howToGet('cmake')}`)
  }
  if (process.platform === 'win32') {
    missing.push('Windows is not supported: use the Windows Subsystem for Linux')
  } else {
    const compilers = process.env.CXX ? [process.env.CXX.split(' ')[0]] : ['c++', 'g++', 'clang++']
    if (!compilers.some((program) => answers(program) !== null)) {
      missing.push(
        `a C++20 compiler (GCC 12 or Clang 15 or newer) is missing; tried ${compilers.join(', ')}. ` +
          `Get one: ${howToGet('compiler')}`,
      )
    }
    if (answers('make') === null && answers('ninja') === null) {
      missing.push(`make (or ninja) is missing. Get it: ${howToGet('make')}`)
    }
  }
  if (missing.length > 0) {
    die(`cannot build:\n${missing.map((line) => `  - ${line}`).join('\n')}`)
  }
}

/** Whether node_modules holds what the lockfile names. */
function isInstalled() {
  const wantedFile = join(root, 'package-lock.json')
  const installedFile = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedFile)) {
    return false
  }
  const wanted = JSON.parse(readFileSync(wantedFile, 'utf8')).packages
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  )
}

/** Installs the dependencies the lockfile names, where they are not there yet. */
export function installDependencies() {
  if (isInstalled()) {
    return
  }
  say('installing dependencies (npm ci)')
  runNpm(['ci'])
}

/** Compiles lib, test and bench; unchanged parts are skipped by the compiler. */
export function buildTypeScript() {
  say('building TypeScript')
  // Tests import internals as '../lib/…' from build/test: let that name the one compiled copy.
  const link = join(root, 'build', 'lib')
  if (!existsSync(link)) {
    mkdirSync(join(root, 'build'), { recursive: true })
    mkdirSync(join(root, 'dist'), { recursive: true })
    symlinkSync(join(root, 'dist'), link, 'junction')
  }
  runNode('node_modules/typescript/bin/tsc', ['-b', 'test'])
  runNode('scripts/bundle-page.mjs', [])
}

/** Compiles the addon and libbraidvm into build/Release; unchanged parts are skipped. */
export function buildNative() {
  say(`building the native addon (${jobs} jobs)`)
  runNode('node_modules/cmake-js/bin/cmake-js', [
    'build',
    '--out',
    'build/cmake',
    `--CDCMAKE_LIBRARY_OUTPUT_DIRECTORY=${join(root, 'build', 'Release')}`,
    '--parallel',
    jobs,
    '--log-level',
    process.env.BRAID_VERBOSE ? 'verbose' : 'error',
  ])
}

/** Builds a target of the native build that is not part of the addon; returns nothing. */
export function buildNativeTarget(target) {
  say(`building ${target} (${jobs} jobs)`)
  run('cmake', ['--build', 'build/cmake', '--target', target, '--parallel', jobs])
}

/** Everything from a fresh clone to a runnable engine. */
export function prepare() {
  checkTools()
  installDependencies()
  buildTypeScript()
  buildNative()
}

/** The folder with the conformance data: BRAID_FIXTURES, else ../shared/fixtures; null if absent. */
export function fixtures() {
  const folder = process.env.BRAID_FIXTURES ?? join(root, '..', 'shared', 'fixtures')
  return existsSync(folder) ? folder : null
}
