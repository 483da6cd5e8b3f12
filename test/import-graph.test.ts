/** What importing the package loads: the command line's libraries are for the command line alone. */

import { join } from 'node:path'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from './fixtures.js'

const graph = suite('import graph')

/** The packages that a module of dist/ imports in the end, by `import` and `import()`. */
async function packagesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, 'dist', entry)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    outdir: root,
  })
  const external = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter((item) => item.external).map(({ path }) => path),
  )
  return [...new Set(external)].filter((path) => !path.startsWith('node:')).sort()
}

graph('the package needs little, and nothing of the command line', async () => {
  assert.equal(await packagesOf('index.js'), ['@ethereumjs/common'])
  assert.equal(await packagesOf('example-blocks/index.js'), [])
  assert.equal(await packagesOf('pool/index.js'), ['@ethereumjs/common'])
  const adapter = await packagesOf('ethereumjs/index.js')
  assert.ok(adapter.length > 0)
  for (const name of adapter) assert.match(name, /^@ethereumjs\//)
})

graph('the command line has its libraries', async () => {
  const packages = await packagesOf('cli/braid.js')
  for (const name of ['commander', 'cli-progress']) assert.ok(packages.includes(name), name)
  assert.not(packages.includes('@commander-js/extra-typings'))
})

graph.run()
