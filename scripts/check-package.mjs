/**
 * `npm run check:package [-- --packed]`: what publint and attw ("are the types wrong?") say of the
 * package as it is published. Packs it first, unless it is packed already.
 */
import { tarball } from './packages.mjs'
import { attempt, root, runNode } from './steps.mjs'

if (!process.argv.includes('--packed')) {
  runNode('scripts/pack.mjs', [])
}
const path = tarball('braid-evm')
const tools = [
  ['publint/src/cli.js', 'run', path, '--strict'],
  ['@arethetypeswrong/cli/dist/index.js', path, '--no-color'],
]
const codes = tools.map(([script, ...args]) =>
  attempt(process.execPath, [`${root}/node_modules/${script}`, ...args]),
)
process.exitCode = Math.max(...codes)
