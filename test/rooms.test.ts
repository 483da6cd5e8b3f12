/** The rooms of lib/: that what ARCHITECTURE.md says of them holds, and that breaking it is noticed. */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from './fixtures.js'

const rooms = suite('rooms')

const node = (...args: readonly string[]) =>
  spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })

/** What Biome finds in lib/ of a folder: paths of files with the rules that they break. */
function findings(folder: string): readonly string[] {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const only = ['--only=style/noRestrictedImports', '--only=suspicious/noImportCycles']
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'lint', ...only, '--reporter=json', '--max-diagnostics=none', 'lib'],
    { cwd: folder, encoding: 'utf8' },
  )
  assert.ok(stdout.startsWith('{'), stderr)
  const { diagnostics } = JSON.parse(stdout) as {
    readonly diagnostics: readonly { category: string; location: { path: string } }[]
  }
  return diagnostics.map(({ category, location }) => `${location.path} ${category.split('/')[2]}`)
}

rooms('have the rules that follow from the table in ARCHITECTURE.md', () => {
  const { status, stderr } = node('scripts/generate-rooms.mjs', '--check')
  assert.is(status, 0, stderr)
})

/** Files that break the rule for imports, */
const upward: Readonly<Record<string, string>> = {
  'trie/value.ts': "export { Engine } from '../engine/engine.js'",
  'hex/type.ts': "export type { BraidError } from '../errors.js'",
  'block/type.ts': "export type { StateTrie } from '../trie/state-trie.js'",
  'state/public.ts': "import '../index.js'",
  'output/late.ts': "export const late = import('../engine/engine.js')",
  'rlp/detour.ts': "import '../hex/../trie/branch.js'",
  'inspect/client/outside.ts': "import '../escape.js'",
}
/** that against circles, */
const circle: Readonly<Record<string, string>> = {
  'engine/one.ts': "import type { Two } from './two.js'\nexport type One = Two[]",
  'engine/two.ts': "import type { One } from './one.js'\nexport type Two = One[]",
}
/** and none. */
const downward: Readonly<Record<string, string>> = {
  'engine/downward.ts': "export { keccak256 } from '../native/load.js'",
  'cli/demo/downward.ts': "import '../console.js'",
}

rooms('know nothing above them, whichever way it is imported, and form no circles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'braid-rooms-'))
  try {
    cpSync(join(root, 'lib'), join(folder, 'lib'), { recursive: true })
    const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: undefined }))
    assert.equal(findings(folder), [])
    const planted = { ...upward, ...circle, ...downward }
    for (const [path, text] of Object.entries(planted)) {
      writeFileSync(join(folder, 'lib', path), `${text}\n`)
    }
    const broken = [
      ...Object.keys(upward).map((path) => `lib/${path} noRestrictedImports`),
      ...Object.keys(circle).map((path) => `lib/${path} noImportCycles`),
    ]
    assert.equal(findings(folder).toSorted(), broken.toSorted())
  } finally {
    rmSync(folder, { recursive: true })
  }
})

rooms.run()
