/**
 * `npm run pack`: packs braid-evm as it is published into build/packages. The published package.json
 * differs from the repository's: it names the platforms' packages of its own version as optional
 * dependencies, which npm would look for in vain while they are still being made.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manifest, pack, packageName, packagesFolder, targets } from './packages.mjs'
import { buildTypeScript, die, installDependencies, npmCommand, root, say } from './steps.mjs'

/** The files that npm would pack out of the repository. */
function packedFiles() {
  const [program, args] = npmCommand(['pack', '--dry-run', '--json', '--ignore-scripts'])
  const { stdout, status } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) die('npm pack --dry-run failed')
  const parsed = JSON.parse(stdout)
  const [packed] = Array.isArray(parsed) ? parsed : Object.values(parsed)
  return packed.files.map((file) => file.path)
}

/** The package.json that is published. */
function publishedManifest() {
  const { private: _, scripts, devDependencies, ...published } = manifest
  const native = ['c-kzg', 'lmdb', 'node-addon-api', 'node-api-headers']
  return {
    ...published,
    // What building from source takes: scripts/build.mjs reads the versions.
    scripts: { 'build:native': scripts['build:native'] },
    devDependencies: Object.fromEntries(native.map((name) => [name, devDependencies[name]])),
    optionalDependencies: Object.fromEntries(
      targets.map(({ platform }) => [packageName(platform), manifest.version]),
    ),
  }
}

installDependencies()
buildTypeScript()
const staging = join(packagesFolder, 'braid-evm')
rmSync(staging, { recursive: true, force: true })
for (const path of packedFiles()) {
  mkdirSync(join(staging, path, '..'), { recursive: true })
  cpSync(join(root, path), join(staging, path))
}
writeFileSync(join(staging, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`)
say(`packed ${pack(staging, 'braid-evm')}`)
