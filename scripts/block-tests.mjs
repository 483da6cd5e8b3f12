/**
 * `npm run test:blocks [-- PATH… options]`: builds, then runs the block tests of BRAID_FIXTURES
 * (default ../shared/fixtures), or of the given paths, through `braid blocktest`.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, die, fixtures, prepare, root, say } from './steps.mjs'

/** The folders of BRAID_FIXTURES with block tests of forks that are final. */
function blockTestFolders(folder) {
  const legacy = readdirSync(join(folder, 'legacy_tests'))
    .filter((name) => name !== 'SOURCE.txt')
    .map((name) => join(folder, 'legacy_tests', name, 'BlockchainTests'))
  return [join(folder, 'blockchain_tests'), ...legacy, join(folder, 'eest', 'blockchain_tests')]
}

prepare()
let args = process.argv.slice(2)
// What options are given is no path: --policy optimistic
if (!args.some((arg) => !arg.startsWith('-') && existsSync(arg))) {
  const folder = fixtures()
  if (folder === null) {
    die('no conformance data: set BRAID_FIXTURES to the folder that holds blockchain_tests')
  }
  args = [...blockTestFolders(folder), ...args]
}
say('running the block tests')
process.exitCode = attempt(process.execPath, [
  join(root, 'dist/cli/braid.js'),
  'blocktest',
  ...args,
])
