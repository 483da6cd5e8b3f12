/** The check of which room of native/ may include which: every upward include is found. */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from './fixtures.js'

const layers = suite('layers of native/')

const folder = mkdtempSync(join(tmpdir(), 'braid-layers-'))
const tree = join(folder, 'native')
cpSync(join(root, 'native'), tree, { recursive: true })
layers.after(() => rmSync(folder, { recursive: true }))

/** Checks the copy of the tree with some more files, by name and text, and takes them out again. */
function check(files: readonly (readonly [string, string])[] = []) {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(tree, name)), { recursive: true })
    writeFileSync(join(tree, name), text)
  }
  const result = spawnSync(process.execPath, [join(root, 'scripts/check-layers.mjs'), tree])
  for (const [name] of files) rmSync(join(tree, name))
  const complaints = String(result.stderr).split('\n').slice(0, -1).sort()
  return { status: result.status, complaints }
}

layers('the tree as it is, and downward includes', () => {
  assert.equal(check(), { status: 0, complaints: [] })
  const files = [
    ['block/planted.hpp', '#include "transaction/journal.hpp"\n#include "block_state.hpp"\n'],
    ['transaction/planted.hpp', '#include <vector>\n#include "evm/vm.hpp"\n'],
    ['addon/planted.cpp', '#include <napi.h>\n#include "parallel/block_runner.hpp"\n'],
  ] as const
  assert.equal(check(files), { status: 0, complaints: [] })
})

layers('upward includes', () => {
  const planted = [
    ['transaction/a.hpp', '"block/block_state.hpp"'],
    ['transaction/b.cpp', '"parallel/worker_pool.hpp"'],
    ['transaction/c.h', '"trie/list_trie.hpp"'],
    ['block/a.cpp', '"parallel/optimistic_loop.hpp"'],
    ['block/deep/b.hpp', '"parallel/turn.hpp"'],
    ['state/a.hpp', '"transaction/journal.hpp"'],
    ['base/a.hpp', '"addon/buffers.hpp"'],
    ['parallel/a.cpp', '"addon/buffers.hpp"'],
    ['parallel/b.cpp', '<napi.h>'],
    ['evm/a.cpp', '"node_api.h"'],
    ['tests/a.cpp', '<napi.h>'],
    // Whatever way the path gets there.
    ['transaction/d.hpp', '"../block/block_state.hpp"'],
    ['block/c.hpp', '<parallel/turn.hpp>'],
  ] as const
  const files = planted.map(
    ([name, path]) => [name, `#pragma once\n #  include ${path}\n`] as const,
  )
  const complaints = planted.map(([name, path]) => {
    const room = name.slice(0, name.indexOf('/'))
    return `native/${name}: ${room} must not include ${path.slice(1, -1)}`
  })
  assert.equal(check(files.slice(0, 1)), { status: 1, complaints: complaints.slice(0, 1) })
  assert.equal(check(files), { status: 1, complaints: complaints.sort() })
})

layers('a room that the check does not know', () => {
  const { status, complaints } = check([['elsewhere/planted.hpp', '']])
  assert.is(status, 1)
  assert.match(complaints.join(), 'native/elsewhere/planted.hpp: elsewhere is no room')
})

layers.run()
