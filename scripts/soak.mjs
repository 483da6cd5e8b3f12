/**
 * `npm run soak -- [--minutes N] [--seed N]`: builds, then executes random blocks in random ways for
 * so long (default 10 minutes) and watches the memory.
 */
import { join } from 'node:path'
import { attempt, prepare, root } from './steps.mjs'

prepare()
process.exitCode = attempt(process.execPath, [
  '--expose-gc',
  join(root, 'build/test/soak/main.js'),
  ...process.argv.slice(2),
])
