/**
 * `npm run prebuild:addon [-- PLATFORM] [-- --release | --here]`: builds the addon for other machines like
 * this one, or for another platform that scripts/cross-compile.mjs can compile for, and packs it as
 * @braid-evm/<platform> into build/packages. With --release what only a release has to hold is checked
 * too: the oldest glibc that .ci/prebuild-matrix.json promises. With --here nothing is compiled anew: what
 * `npm run build:native` made takes every build's place, so the package is for this machine.
 */
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { functionsAboveBaseline, glibcNeeded, isAbove, linkingFaults } from './check-binary.mjs'
import { crossToolchain } from './cross-compile.mjs'
import { compileNative } from './native-build.mjs'
import { manifest, pack, packageName, packagesFolder, targets } from './packages.mjs'
import {
  buildNative,
  buildNativeTarget,
  buildTypeScript,
  checkTools,
  die,
  installDependencies,
  root,
  run,
  say,
} from './steps.mjs'

const isRelease = process.argv.includes('--release')
const isForHere = process.argv.includes('--here')
checkTools()
installDependencies()
buildTypeScript()
if (isForHere) {
  buildNative()
}
const { platformName } = await import('../dist/native/platform.js')
const platform = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? platformName()
const target = targets.find((candidate) => candidate.platform === platform)
if (target === undefined) {
  die(`.ci/prebuild-matrix.json does not name ${platform}`)
}

const isCross = platform !== platformName()
if (isCross && isForHere) die(`--here makes the package of ${platformName()}`)
const toolchain = isCross ? crossToolchain(platform) : { settings: {}, strip: 'strip' }
if (toolchain.missing !== undefined) die(`${platform} cannot be built here: ${toolchain.missing}`)

const isLinux = target.os === 'linux'
/** The EVM for other hosts, one for EVMC 12 and one for EVMC 18. */
const libraries = ['braidvm', 'braidvm18'].map((name) => `lib${name}.${isLinux ? 'so' : 'dylib'}`)
const moduleSymbols = ['napi_register_module_v1', 'node_api_module_get_api_version_v1']
const exported = {
  'braid.node': moduleSymbols,
  'cpu-level.node': moduleSymbols,
  [libraries[0]]: ['evmc_create_braidvm'],
  [libraries[1]]: ['evmc_create_braidvm18'],
}
const staging = join(packagesFolder, platform)

/** Compiles for one processor; gives the folder with the results. */
function compile(march, choosesBuild) {
  const probe = choosesBuild ? ['braid_cpu_level'] : []
  if (isForHere) {
    probe.map(buildNativeTarget)
    return 'build/Release'
  }
  const work = join('build', 'prebuild', isCross ? platform : '', march === '' ? target.cpu : march)
  say(`building the addon for ${platform}${march && `, ${march}`}`)
  compileNative({
    folder: work,
    targets: ['braid_addon', 'braidvm', 'braidvm18', ...probe],
    settings: { BRAID_MARCH: march, BRAID_STATIC_RUNTIME: 'ON', ...toolchain.settings },
  })
  return work
}

/** Builds for one processor and copies what is shipped, without debugging symbols. */
function build({ folder, march }) {
  const choosesBuild = folder === '.' && target.builds.length > 1
  const from = compile(march, choosesBuild)
  const files = ['braid.node', ...libraries, ...(choosesBuild ? ['cpu-level.node'] : [])]
  mkdirSync(join(staging, folder), { recursive: true })
  return files.map((file) => {
    const path = join(staging, folder, file)
    copyFileSync(join(root, from, file), path)
    if (isLinux && march === 'x86-64-v2' && !isForHere) {
      const beyond = functionsAboveBaseline(path)
      if (beyond.length > 0) die(`${path} has code above ${march}: ${beyond.join(', ')}`)
    }
    run(toolchain.strip, isLinux ? ['--strip-unneeded', path] : ['-x', path])
    if (isLinux) check(path, exported[file])
    return join(folder, file)
  })
}

function check(path, symbols) {
  const faults = linkingFaults(path, { exported: symbols, isStandalone: !isForHere })
  const glibc = glibcNeeded(path)
  say(
    `${relative(root, path)}: ${Math.round(statSync(path).size / 1024)} KiB, needs glibc ${glibc ?? '(none)'}`,
  )
  if (isRelease && target.maxGlibc && glibc !== null && isAbove(glibc, target.maxGlibc)) {
    faults.push(
      `needs glibc ${glibc}, ${target.maxGlibc} is promised: build in ${target.container}`,
    )
  }
  if (faults.length > 0) {
    die(`${path} ${faults.join(', ')}`)
  }
}

rmSync(staging, { recursive: true, force: true })
mkdirSync(staging, { recursive: true })
const files = target.builds.flatMap(build)

const { version, license, engines } = manifest
const described = {
  name: packageName(platform),
  version,
  description: `The native part of braid-evm for ${platform}`,
  license,
  os: [target.os],
  cpu: [target.cpu],
  ...(target.libc && { libc: [target.libc] }),
  engines,
  files,
}
writeFileSync(join(staging, 'package.json'), `${JSON.stringify(described, null, 2)}\n`)
copyFileSync(join(root, 'LICENSE'), join(staging, 'LICENSE'))
copyFileSync(
  join(root, 'node_modules/lmdb/dependencies/lmdb/libraries/liblmdb/LICENSE'),
  join(staging, 'LICENSE.lmdb'),
)
writeFileSync(
  join(staging, 'README.md'),
  `# ${packageName(platform)}

The native part of braid-evm for ${platform}: \`braid.node\`, which
braid-evm loads, and the same EVM for other hosts, \`${libraries[0]}\` for EVMC 12 and \`${libraries[1]}\` for EVMC 18.
Install \`braid-evm\`; it brings this package where it fits.
`,
)
say(`packed ${pack(staging, packageName(platform))}`)
