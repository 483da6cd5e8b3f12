/**
 * Checks that every room of native/ includes only what lies below it, and that Node's own headers
 * stay in native/addon. `node scripts/check-layers.mjs [FOLDER]`: another tree than this one's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { root } from './steps.mjs'

/** What each room may include besides itself, lowest first. */
const below = {
  evmc: [],
  base: ['evmc'],
  crypto: ['base', 'evmc'],
  precompiles: ['crypto', 'base', 'evmc'],
  evm: ['crypto', 'base', 'evmc'],
  trie: ['crypto', 'base', 'evmc'],
  wire: ['base', 'evmc'],
  state: ['wire', 'base', 'evmc'],
  store: ['state', 'wire', 'trie', 'crypto', 'base', 'evmc'],
  transaction: ['precompiles', 'evm', 'state', 'wire', 'crypto', 'base', 'evmc'],
  block: ['transaction', 'trie', 'precompiles', 'evm', 'state', 'wire', 'crypto', 'base', 'evmc'],
  trace: ['transaction', 'precompiles', 'evm', 'state', 'wire', 'crypto', 'base', 'evmc'],
  call: ['trace', 'transaction', 'evm', 'state', 'wire', 'base', 'evmc'],
  what_if: ['block', 'trace', 'transaction', 'state', 'wire', 'crypto', 'base', 'evmc'],
  parallel: ['block', 'what_if', 'call', 'trace', 'transaction', 'state', 'wire', 'base', 'evmc'],
}
/** The rooms that may include all others: nobody includes them. */
const above = ['addon', 'tests', 'bench', 'fuzz']

const native = resolve(process.argv[2] ?? join(root, 'native'))

/** The room that an include leads to; undefined where it leads out of native/. */
function roomOf(path, file) {
  // Where the compiler looks first: the folder of the file that includes.
  const beside = join(dirname(file), path)
  const [room] = (existsSync(beside) ? relative(native, beside) : path).split(/[\\/]/)
  return room in below || above.includes(room) ? room : undefined
}

let wrong = 0
function complain(text) {
  process.stderr.write(`${text}\n`)
  wrong += 1
}

for (const name of readdirSync(native, { recursive: true })) {
  if (!/\.(cpp|hpp|h)$/.test(name)) continue
  const [room] = name.split(sep)
  if (!(room in below) && !above.includes(room)) {
    complain(`native/${name}: ${room} is no room of native/ that scripts/check-layers.mjs knows`)
    continue
  }
  const file = join(native, name)
  const text = readFileSync(file, 'utf8')
  for (const [, path] of text.matchAll(/^\s*#\s*include\s+["<]([^">]+)[">]/gm)) {
    const target = roomOf(path, file)
    const isOutside =
      target === undefined
        ? /^(napi|node_api|js_native_api)/.test(path) && room !== 'addon'
        : target !== room && !above.includes(room) && !below[room].includes(target)
    if (isOutside) complain(`native/${name}: ${room} must not include ${path}`)
  }
}
process.exitCode = wrong === 0 ? 0 : 1
