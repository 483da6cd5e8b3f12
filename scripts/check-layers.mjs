/**
 * Checks that every folder of native/ includes only what lies below it, and that napi.h stays in
 * native/addon.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { root } from './steps.mjs'

/** What each folder may include besides itself. */
const below = {
  evmc: [],
  base: ['evmc'],
  crypto: ['base', 'evmc'],
  precompiles: ['crypto', 'base', 'evmc'],
  evm: ['crypto', 'base', 'evmc'],
  trie: ['crypto', 'base', 'evmc'],
  wire: ['base', 'evmc'],
  state: ['wire', 'base', 'evmc'],
  executor: ['precompiles', 'evm', 'state', 'wire', 'trie', 'crypto', 'base', 'evmc'],
  parallel: ['executor', 'precompiles', 'evm', 'state', 'wire', 'trie', 'crypto', 'base', 'evmc'],
}
const rooms = Object.keys(below)
const everything = [...rooms, 'addon', 'tests', 'bench', 'fuzz']
const free = ['addon', 'tests', 'bench', 'fuzz']

let wrong = 0
for (const name of readdirSync(join(root, 'native'), { recursive: true })) {
  if (!/\.(cpp|hpp|h)$/.test(name)) {
    continue
  }
  const room = name.split(sep)[0]
  const text = readFileSync(join(root, 'native', name), 'utf8')
  for (const [, path] of text.matchAll(/^\s*#\s*include\s+["<]([^">]+)[">]/gm)) {
    const target = path.split('/')[0]
    const isOutside = everything.includes(target)
      ? target !== room && !free.includes(room) && !below[room]?.includes(target)
      : /^(napi|node_api)/.test(path) && room !== 'addon'
    if (isOutside) {
      process.stderr.write(`native/${name}: ${room} must not include ${path}\n`)
      wrong += 1
    }
  }
}
process.exitCode = wrong === 0 ? 0 : 1
