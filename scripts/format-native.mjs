/** Formats the C++ sources with clang-format; with --check it only names those that are not. */
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { attempt, root } from './steps.mjs'

const files = readdirSync(join(root, 'native'), { recursive: true })
  .filter((name) => /\.(cpp|hpp|h)$/.test(name))
  .map((name) => join('native', name))
  .sort()

/** The clang-format binary that the npm package of that name carries, else the system's. */
function locate() {
  try {
    return createRequire(import.meta.url)('clang-format').getNativeBinary()
  } catch {
    return 'clang-format'
  }
}

const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i']
process.exitCode = attempt(locate(), ['--style=file', ...mode, ...files])
