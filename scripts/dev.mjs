/**
 * `npm run dev`: builds, then waits for changes; builds the half that was changed and runs the tests that
 * the change touches. `npm run dev -- FILE...` does that once, for files that are said to have changed.
 */
import { join, relative, resolve } from 'node:path'
import { attempt, jobs, prepare, root, say } from './steps.mjs'
import { unitTestsPass } from './unit-tests.mjs'

/** What is built or tested. */
const folders = ['lib', 'native', 'test', 'bench', 'examples', 'docs']
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']

/** Builds one half; whether that went well. A process of its own, as the build ends it where it fails. */
function build(part) {
  return attempt(process.execPath, [join(root, 'scripts/build.mjs'), part]) === 0
}

/** Builds the C++ tests and runs some of them. */
function casesPass(cases) {
  const args = ['--build', 'build/cmake', '--target', 'braid_tests', '--parallel', jobs]
  return (
    attempt('cmake', args) === 0 &&
    attempt(join(root, 'build/cmake/native/braid_tests'), cases) === 0
  )
}

/** Builds and tests what files have to do with; gives the step that failed, if one did. */
async function failedStep(changed, ran) {
  // First: the compiler says what is wrong with a file better than what reads its imports does.
  if (changed.some((path) => path.endsWith('ts')) && !build('ts')) return 'the TypeScript build'
  const { native, cases, tests } = await planFor(root, changed)
  if (native && !build('native')) return 'the native build'
  if (cases.length > 0) {
    ran.push(`${cases.length} C++ tests`)
    if (!casesPass(cases)) return 'the C++ tests'
  }
  if (tests.length > 0) {
    ran.push(...tests)
    const pattern = `^(${tests.join('|').replaceAll('.', '\\.')})\\.js$`
    if (!(await unitTestsPass(pattern))) return 'the TypeScript tests'
  }
  return undefined
}

/** Does what a change asks for, and says in a line how that went. */
async function check(changed) {
  const start = performance.now()
  say(`changed: ${changed.join(', ')}`)
  const ran = []
  const failed = await failedStep(changed, ran)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const outcome = failed === undefined ? 'all well' : `FAILED: ${failed}`
  say(`${outcome}, ${seconds} s; ran ${ran.join(', ') || 'no tests'}`)
  return failed === undefined
}

const given = process.argv.slice(2).map((path) => relative(root, resolve(path)))
prepare()
// In a fresh clone what they import has only now been installed.
const { planFor } = await import('./dev/selection.mjs')
const { watchBatches } = await import('./dev/watch.mjs')
if (given.length > 0) {
  process.exitCode = (await check(given)) ? 0 : 1
} else {
  await watchBatches(root, [...folders, ...pages], check)
  say('waiting for changes; Ctrl-C ends it')
}
