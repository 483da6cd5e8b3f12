/** What the scripts that make packages share: where they work, the platforms, `npm pack`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNpm } from './steps.mjs'

/** Where packages are put together and their tarballs come to lie. */
export const packagesFolder = join(root, 'build', 'packages')

/** The repository's package.json. */
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Every platform that there is a prebuilt addon for; docs/packaging.md describes the fields. */
export const { targets } = JSON.parse(
  readFileSync(join(root, '.ci', 'prebuild-matrix.json'), 'utf8'),
)

/** The name of a platform's package. */
export function packageName(platform) {
  return `@braid-evm/${platform}`
}

/** The tarball that `npm pack` makes of a package of this version. */
export function tarball(name) {
  const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
  return join(packagesFolder, file)
}

/** Packs the package that lies in a folder, and gives the tarball's path. */
export function pack(folder, name) {
  const quiet = ['--ignore-scripts', '--loglevel=error']
  runNpm(['pack', folder, '--pack-destination', packagesFolder, ...quiet], packagesFolder)
  return tarball(name)
}
