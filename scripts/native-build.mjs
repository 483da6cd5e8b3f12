/**
 * The native build by CMake alone, for what cmake-js does not do: several processors side by side, and
 * a package that was installed rather than cloned.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jobs, root, run, runNpm, say } from './steps.mjs'

/** The packages whose sources and headers the addon is made of. */
const ingredients = ['node-addon-api', 'node-api-headers', 'c-kzg', 'lmdb']

/**
 * Configures and compiles.
 *
 * @param {object} build
 * @param {string} build.folder where CMake works
 * @param {string[]} build.targets what to build
 * @param {Record<string, string>} [build.settings] CMake's cache entries
 * @param {string} [build.packages] the node_modules with the ingredients; the repository's by default
 */
export function compileNative({ folder, targets, settings = {}, packages }) {
  const modules = packages ?? join(root, 'node_modules')
  const headers = [join(modules, 'node-api-headers/include'), join(modules, 'node-addon-api')]
  const entries = {
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_JS_INC: headers.join(';'),
    BRAID_BLST_DIR: join(modules, 'c-kzg/deps/blst'),
    BRAID_LMDB_DIR: join(modules, 'lmdb/dependencies/lmdb/libraries/liblmdb'),
    ...settings,
  }
  const quiet = process.env.BRAID_VERBOSE ? [] : ['--log-level=WARNING']
  const definitions = Object.entries(entries).map(([name, value]) => `-D${name}=${value}`)
  run('cmake', ['-S', join(root, 'native'), '-B', folder, ...quiet, ...definitions])
  run('cmake', ['--build', folder, '--parallel', jobs, '--target', ...targets])
}

/** Whether this is the published package, not a clone: then there is no lockfile. */
export function isInstalledPackage() {
  return !existsSync(join(root, 'package-lock.json'))
}

/** Builds the addon into build/Release of an installed package, with ingredients of its own. */
export function buildInstalledPackage() {
  const folder = join(root, 'build')
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = ingredients.map((name) => [name, devDependencies[name]])
  mkdirSync(folder, { recursive: true })
  const manifest = { private: true, dependencies: Object.fromEntries(wanted) }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  say('fetching what the addon is made of')
  runNpm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder)
  say(`building the native addon (${jobs} jobs)`)
  compileNative({
    folder: join(folder, 'cmake'),
    targets: ['braid_addon', 'braidvm', 'braidvm18'],
    settings: { CMAKE_LIBRARY_OUTPUT_DIRECTORY: join(folder, 'Release') },
    packages: join(folder, 'node_modules'),
  })
}
