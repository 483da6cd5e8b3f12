/**
 * `npm run test:crash -- [PART…] [--random N | --seconds N] [--damage N] [--jobs N] [--seed N]`: builds an addon with
 * failpoints in a folder of its own, then kills processes that write lasting states, damages their files and fills
 * their disk (test/crash). Parts: failpoints, errors, random, damage, disk; all of them by default. With BRAID_LONG=1
 * every failpoint of every course, 2,000 random moments and 2,000 damaged files.
 */
import { join } from 'node:path'
import { compileNative } from './native-build.mjs'
import { attempt, buildTypeScript, checkTools, installDependencies, root, say } from './steps.mjs'

const folder = join(root, 'build', 'failpoints')
checkTools()
installDependencies()
buildTypeScript()
say('building the addon with failpoints')
compileNative({ folder, targets: ['braid_addon'], settings: { BRAID_FAILPOINTS: 'ON' } })
const env = { ...process.env, BRAID_ADDON: join(folder, 'braid.node') }
const args = [join(root, 'build/test/crash/main.js'), ...process.argv.slice(2)]
process.exitCode = attempt(process.execPath, args, { env })
