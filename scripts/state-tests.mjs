/**
 * `npm run test:state [-- PATH… options]`: builds, then runs the state tests of BRAID_FIXTURES
 * (default ../shared/fixtures), or of the given paths, through `braid statetest`.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, die, fixtures, prepare, root, say } from './steps.mjs'

/** The folders of BRAID_FIXTURES with state tests, `slow` folders and files left out by braid. */
function stateTestFolders(folder) {
  const legacy = readdirSync(join(folder, 'legacy_tests'))
    .filter((name) => name !== 'SOURCE.txt')
    .map((name) => join(folder, 'legacy_tests', name, 'GeneralStateTests'))
  return [
    join(folder, 'state_tests'),
    ...legacy,
    join(folder, 'eest', 'state_tests'),
    join(folder, 'osaka_state_tests'),
  ]
}

prepare()
let args = process.argv.slice(2)
if (!args.some((arg) => existsSync(arg))) {
  const folder = fixtures()
  if (folder === null) {
    die('no conformance data: set BRAID_FIXTURES to the folder that holds state_tests')
  }
  args = [...stateTestFolders(folder), ...args]
}
say('running the state tests')
process.exitCode = attempt(process.execPath, [
  join(root, 'dist/cli/braid.js'),
  'statetest',
  ...args,
])
