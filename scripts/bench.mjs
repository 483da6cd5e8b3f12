/** `npm run bench [-- NAME… options]`: builds, then runs bench/<NAME>.ts, or all that are there. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, prepare, root, say } from './steps.mjs'

prepare()
const folder = join(root, 'build/bench')
const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const names = args.filter((arg) => !arg.startsWith('-'))
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.js'))
  .map((file) => file.slice(0, -'.bench.js'.length))
for (const name of names.length > 0 ? names : all) {
  say(`benchmark ${name}`)
  if (attempt(process.execPath, [join(folder, `${name}.bench.js`), ...options]) !== 0) {
    process.exitCode = 1
  }
}
