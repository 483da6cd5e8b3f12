/** `npm start`: installs and builds what is missing, then runs a block that the project makes. */
import { attempt, prepare, root, say } from './steps.mjs'

prepare()
say('running a block')
process.exitCode = attempt(process.execPath, [
  `${root}/dist/cli/braid.js`,
  'demo',
  ...process.argv.slice(2),
])
