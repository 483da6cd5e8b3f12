/** What `npm run dev` runs after a change, and when. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from './fixtures.js'

interface Plan {
  readonly native: boolean
  readonly tests: readonly string[]
  readonly cases: readonly string[]
}
type PlanFor = (root: string, changed: readonly string[]) => Promise<Plan>
type WatchBatches = (
  root: string,
  paths: readonly string[],
  handle: (changed: string[]) => Promise<void>,
) => Promise<() => Promise<void>>

const script = (name: string) => import(pathToFileURL(join(root, 'scripts/dev', name)).href)
const { planFor } = (await script('selection.mjs')) as { planFor: PlanFor }
const { watchBatches } = (await script('watch.mjs')) as { watchBatches: WatchBatches }

const dev = suite('npm run dev')

const folder = mkdtempSync(join(tmpdir(), 'braid-dev-'))
dev.after(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

write('lib/rlp/reader.ts', 'export const reader = 1')
write('lib/rlp/index.ts', "export { reader } from './reader.js'")
write(
  'lib/block/decode.ts',
  "import { reader } from '../rlp/index.js'\nexport const decode = reader",
)
write('lib/cli/braid.ts', "void import('./execute.js')")
write('lib/cli/execute.ts', "new URL('./worker.js', import.meta.url)")
write('lib/cli/worker.ts', "import '../block/decode.js'")
write('lib/page/client.ts', 'export const client = 1')
write('test/first.test.ts', "import { reader } from '../lib/rlp/index.js'\nreader")
write('test/second.test.ts', "import { decode } from '../lib/block/decode.js'\ndecode")
write('test/page-look.test.ts', '')
write('test/pages.test.ts', '')
write('test/support/command.ts', "export const command = 'dist/cli/braid.js'")
write('test/program.test.ts', "import { command } from './support/command.js'\ncommand")
write('README.md', '')
write(
  'native/tests/stack_test.cpp',
  '#include "tests/fixture.hpp"\nTEST("stack: grows") {\n}\nTEST("stack: ends") {\n}\n',
)
write('native/tests/fixture.hpp', '#include "evm/vm.hpp"')
write('native/tests/gas_test.cpp', '#include "evm/gas.hpp"\nTEST("gas: costs") {\n}\n')
write('native/tests/state_test.cpp', '#include "state/state.hpp"\nTEST("state: reads") {\n}\n')
write('native/state/state.hpp', '#include "evm/vm.hpp"')

const testsOf = async (...changed: string[]) => (await planFor(folder, changed)).tests
const casesOf = async (...changed: string[]) => (await planFor(folder, changed)).cases

dev('runs the tests that import a file, or the nearest', async () => {
  assert.equal(await testsOf('lib/rlp/index.ts'), ['first.test'])
  assert.equal(await testsOf('lib/rlp/reader.ts'), ['first.test'])
  assert.equal(await testsOf('lib/block/decode.ts'), ['second.test'])
  assert.equal(await testsOf('lib/rlp/reader.ts', 'lib/block/decode.ts'), [
    'first.test',
    'second.test',
  ])
  assert.equal(await testsOf('test/second.test.ts'), ['second.test'])
})

dev('follows what is loaded later, in workers and as a program', async () => {
  for (const path of ['lib/cli/braid.ts', 'lib/cli/execute.ts', 'lib/cli/worker.ts']) {
    assert.equal(await testsOf(path), ['program.test'], path)
  }
  assert.equal(await testsOf('test/support/command.ts'), ['program.test'])
})

dev('runs tests that are named after a file or its folder', async () => {
  assert.equal(await testsOf('lib/page/client.ts'), ['page-look.test'])
})

dev('runs the C++ tests that use a room', async () => {
  assert.equal(await casesOf('native/evm/interpreter.cpp'), [
    'gas: costs',
    'stack: grows',
    'stack: ends',
  ])
  assert.equal(await casesOf('native/state/state.hpp'), ['state: reads'])
  assert.equal(await casesOf('native/tests/gas_test.cpp'), ['gas: costs'])
  assert.equal(await casesOf('native/tests/fixture.hpp'), ['stack: grows', 'stack: ends'])
  assert.equal(await casesOf('native/addon/module.cpp', 'native/CMakeLists.txt'), [])
  assert.equal(await planFor(folder, ['native/state/state.cpp']), {
    native: true,
    tests: ['engine.test'],
    cases: ['state: reads'],
  })
  assert.equal(await planFor(folder, ['native/tests/gas_test.cpp']), {
    native: true,
    tests: [],
    cases: ['gas: costs'],
  })
})

dev('runs the test of the documentation for pages alone', async () => {
  assert.equal(await planFor(folder, ['docs/x.md']), {
    native: false,
    tests: ['docs.test'],
    cases: [],
  })
})

dev('knows this repository', async () => {
  const { tests } = await planFor(root, ['lib/rlp/decode.ts'])
  assert.ok(tests.includes('rlp.test'))
  const { cases } = await planFor(root, ['native/evm/rules.hpp'])
  assert.ok(cases.includes('interpreter: CLZ as in EIP-7939'))
  assert.not(cases.some((name) => name.startsWith('keccak')))
})

dev('tells of changes in batches, one at a time', async () => {
  const batches: string[][] = []
  let running = 0
  const end = await watchBatches(folder, ['lib', 'README.md'], async (changed) => {
    assert.is(running++, 0)
    batches.push(changed)
    await setTimeout(600)
    running--
  })
  try {
    write('lib/rlp/reader.ts', 'export const reader = 2')
    write('lib/rlp/index.ts', "export { reader } from './reader.js'\n")
    write('lib/rlp/notes.txt', 'nothing that is built')
    await until(() => batches.length === 1)
    // While the first is at work.
    write('lib/block/decode.ts', 'export const decode = 1')
    write('README.md', '# New')
    await setTimeout(400)
    rmSync(join(folder, 'lib/page/client.ts'))
    await until(() => batches.length === 2 && running === 0)
  } finally {
    await end()
  }
  assert.equal(batches, [
    ['lib/rlp/index.ts', 'lib/rlp/reader.ts'],
    ['README.md', 'lib/block/decode.ts', 'lib/page/client.ts'],
  ])
})

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await setTimeout(50)
  assert.ok(condition(), 'in ten seconds')
}

dev.run()
