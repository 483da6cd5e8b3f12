/**
 * `npm test [-- native|unit|long]`: installs and builds what is missing, then runs the C++ and the
 * TypeScript tests (or one of the two). `long` also runs what takes minutes (BRAID_LONG=1).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { attempt, buildNativeTarget, die, prepare, root, say } from './steps.mjs'

const part = process.argv[2] ?? 'all'
if (!['all', 'native', 'unit', 'long'].includes(part)) {
  die(`unknown part '${part}': native, unit or long, or nothing for all but the long tests`)
}

prepare()
let failed = false
if (part !== 'unit') {
  buildNativeTarget('braid_tests')
  say('running the C++ tests')
  failed = attempt(join(root, 'build/cmake/native/braid_tests'), []) !== 0
}
if (part !== 'native') {
  say('running the TypeScript tests')
  const env = part === 'long' ? { ...process.env, BRAID_LONG: '1' } : process.env
  failed = !(await unitTestsPass(env)) || failed
}
process.exitCode = failed ? 1 : 0

/**
 * Runs the TypeScript tests and counts for itself: an error that uvu cannot print ends a suite in the
 * middle, and uvu calls that a success.
 */
async function unitTestsPass(env) {
  const uvu = join(root, 'node_modules/uvu/bin.js')
  const child = spawn(process.execPath, [uvu, 'build/test', '\\.test\\.js$'], {
    cwd: root,
    env,
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text)
    output = (output + text).slice(-1000)
  })
  const [code] = await once(child, 'close')
  const count = (name) => Number(stripVTControlCharacters(output).match(`${name}:\\s+(\\d+)`)?.[1])
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')]
  if (code === 0 && passed + skipped === total) return true
  say(`${passed} of ${total} TypeScript tests passed, ${skipped} were skipped`)
  return false
}
