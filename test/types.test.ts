import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from './fixtures.js'

const types = suite('types')

/** What the TypeScript compiler has to say about a project. */
function complaintsOf(project: string): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', join(root, project)], {
    encoding: 'utf8',
  })
  return `${stdout}${stderr}`
}

types("a program with viem's types compiles with exactOptionalPropertyTypes", () => {
  assert.is(complaintsOf('test/types/tsconfig.json'), '')
})

types('a program of chains and states compiles as an ES module and from CommonJS', () => {
  // Below the package, whose own name leads to it.
  const folder = join(root, 'build/types')
  mkdirSync(folder, { recursive: true })
  const files = ['states.mts', 'states.cts']
  for (const file of files) copyFileSync(join(root, 'test/package/states.mts'), join(folder, file))
  const config = { extends: '../../test/types/tsconfig.json', files }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  assert.is(complaintsOf('build/types/tsconfig.json'), '')
})

types.run()
