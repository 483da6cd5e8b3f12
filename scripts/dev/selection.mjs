/**
 * Which tests a change touches. In TypeScript those that import what was changed, or else the nearest to it
 * by imports, and its namesakes; in C++ those that use its room.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

/**
 * What is to be done about changed files, once TypeScript is built.
 *
 * @param {string} root the repository
 * @param {readonly string[]} changed paths of files in it that were changed, added or removed
 * @returns {Promise<{ native: boolean, tests: string[], cases: string[] }>} whether the native half is to be
 *   built; the test files of test/, and the native test cases, to run
 */
export async function planFor(root, changed) {
  const files = changed.filter((path) => !path.endsWith('.md'))
  const isNative = (path) => path.startsWith('native/')
  const typescript = files.filter((path) => /\.(ts|cts)$/.test(path))
  const native = files.filter(isNative)
  const units = typescript.length > 0 ? nearest(await unitGraph(root), typescript) : []
  const named = namesakes(
    root,
    typescript.filter((path) => path.startsWith('lib/')),
  )
  const tests = [...units, ...named].map((path) => path.slice('test/'.length, -'.ts'.length))
  // The documentation has a test, and what the addon does shows in the engine's.
  if (files.length < changed.length) tests.push('docs.test')
  if (native.some((path) => !path.startsWith('native/tests/'))) tests.push('engine.test')
  return {
    native: native.length > 0,
    tests: [...new Set(tests)].sort(),
    cases: native.length > 0 ? casesFor(root, native) : [],
  }
}

/**
 * The tests that are the fewest imports away from a file, for each of some files.
 *
 * @param {Map<string, Set<string>>} importers who imports a file; tests are imported by nobody
 */
function nearest(importers, files) {
  const tests = new Set()
  for (const file of files) {
    const seen = new Set([file])
    let front = [file]
    while (front.length > 0 && !front.some(isTest)) {
      const next = front.flatMap((path) => [...(importers.get(path) ?? [])])
      front = [...new Set(next)].filter((path) => !seen.has(path))
      for (const path of front) seen.add(path)
    }
    for (const test of front.filter(isTest)) tests.add(test)
  }
  return [...tests].sort()
}

function isTest(path) {
  return /^test\/[^/]*\.test\.ts$/.test(path)
}

function addEdge(importers, from, to) {
  if (!importers.has(to)) importers.set(to, new Set())
  importers.get(to).add(from)
}

function testFiles(root) {
  return readdirSync(join(root, 'test'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
}

/** The tests that are named after a file of lib/ or a folder that it is in. */
function namesakes(root, files) {
  const names = files.flatMap((path) => moduleOf(path).split('/').slice(1))
  return testFiles(root).filter((path) =>
    names.some((name) => path.startsWith(`test/${name}.`) || path.startsWith(`test/${name}-`)),
  )
}

/** Who imports each TypeScript file, or names it as a module that another thread or process runs. */
async function unitGraph(root) {
  const entries = testFiles(root)
  if (existsSync(join(root, command))) entries.push(command)
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: {
      contents: entries.map((path) => `import './${path}'\n`).join(''),
      resolveDir: root,
    },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const importers = new Map()
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    if (file === '<stdin>') continue
    for (const { path, external } of imports) if (!external) addEdge(importers, file, path)
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, path] of text.matchAll(/new URL\('(\.[^']+)\.js'/g)) {
      addEdge(importers, file, join(dirname(file), `${path}.ts`))
    }
    if (text.includes('dist/cli/braid.js')) addEdge(importers, file, command)
  }
  return importers
}

/** What tests start as a program. */
const command = 'lib/cli/braid.ts'

/**
 * The names of the native tests that use something of a room in which a file is, or the file itself where
 * that is a helper of the tests. Rooms, because what runs an implementation seldom includes its header.
 */
function casesFor(root, files) {
  const wanted = files.map((path) => {
    const [room, ...rest] = path.split('/').slice(1)
    return room === 'tests' || rest.length === 0 ? path.slice('native/'.length) : `${room}/`
  })
  const texts = new Map()
  const textOf = (path) => {
    const file = join(root, 'native', path)
    if (!texts.has(path)) texts.set(path, existsSync(file) ? readFileSync(file, 'utf8') : '')
    return texts.get(path)
  }
  /** What a file of the tests includes, itself or by way of other files of the tests. */
  const reach = (path, seen) => {
    if (seen.has(path)) return seen
    seen.add(path)
    if (path.startsWith('tests/')) {
      for (const [, next] of textOf(path).matchAll(/^\s*#\s*include\s+"([^"]+)"/gm))
        reach(next, seen)
    }
    return seen
  }
  return readdirSync(join(root, 'native', 'tests'))
    .filter((name) => name.endsWith('_test.cpp'))
    .map((name) => `tests/${name}`)
    .filter((test) =>
      [...reach(test, new Set())].some((path) => wanted.some((start) => path.startsWith(start))),
    )
    .flatMap((test) => [...textOf(test).matchAll(/^TEST\("([^"]+)"\)/gm)].map(([, name]) => name))
}

function moduleOf(path) {
  return path.replace(/\.[a-z]+$/, '')
}
