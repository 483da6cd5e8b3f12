/** Runs TypeScript tests and counts for itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root, say } from './steps.mjs'

/**
 * Whether the built tests pass whose file names match a pattern. An error that uvu cannot print ends a
 * suite in the middle, and uvu calls that a success: so the counts are compared.
 */
export async function unitTestsPass(pattern, env = process.env) {
  const uvu = join(root, 'node_modules/uvu/bin.js')
  const child = spawn(process.execPath, [uvu, 'build/test', pattern], {
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
