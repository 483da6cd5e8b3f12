import { spawnSync } from 'node:child_process'
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

types.run()
