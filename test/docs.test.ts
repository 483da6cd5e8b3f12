import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as braid from '../lib/index.js'
import { root } from './fixtures.js'
import {
  commandFolder,
  commandsOf,
  compilePrograms,
  reasonNotToRun,
  runProgram,
  toolMissing,
} from './support/doc-programs.js'
import { nameOf, notRun, snippetsOf, surroundings } from './support/doc-snippets.js'

const docs = suite('documentation')

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
].concat(
  readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
)
const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

docs('links lead somewhere', () => {
  let links = 0
  for (const page of pages) {
    for (const [, target] of textOf(page).matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)) {
      assert.ok(existsSync(join(root, dirname(page), target)), `${page}: ${target}`)
      links++
    }
  }
  assert.ok(links > 20)
})

docs('every page is in the index', () => {
  const index = textOf('docs/README.md')
  for (const page of pages.filter((name) => name.startsWith('docs/'))) {
    const name = page.slice('docs/'.length)
    assert.ok(name === 'README.md' || index.includes(`](${name})`), `${page} is not in the index`)
  }
})

docs('files that the pages for contributors name exist', () => {
  const folders = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && !['node_modules', 'build', 'dist', '.git'].includes(entry.name)
      ? [entry.name]
      : [],
  )
  let paths = 0
  for (const page of ['CONTRIBUTING.md', 'docs/how-to-extend.md']) {
    const text = textOf(page).replace(/^```.*?^```/gms, '')
    for (const [, path] of text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+)`/g)) {
      if (!folders.includes(path.split('/')[0])) continue
      assert.ok(existsSync(join(root, path)), `${page}: ${path}`)
      paths++
    }
    // A name alone could be anywhere; only what lies at the top is said so.
    for (const [, name] of text.matchAll(/`([\w-]+\.(?:ts|cts|mjs|cpp|hpp|h|md))`/g)) {
      assert.ok(existsSync(join(root, name)), `${page}: ${name}`)
    }
  }
  assert.ok(paths > 60, `${paths}`)
})

docs('error codes and npm scripts that pages name exist', () => {
  const families = new Set(Object.keys(braid.errorMeanings).map((code) => code.split('_')[0]))
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
  for (const page of pages) {
    for (const [, code] of textOf(page).matchAll(/`([A-Z]+_[A-Z_]+)`/g)) {
      if (!families.has(code.split('_')[0])) continue
      assert.ok(code in braid.errorMeanings, `${page}: ${code}`)
    }
    for (const [, script] of textOf(page).matchAll(/npm run ([\w:]+)/g)) {
      assert.ok(script in scripts, `${page}: npm run ${script}`)
    }
  }
})

docs('what pages import from the package exists', () => {
  const types = textOf('docs/api-report.md')
  for (const page of pages) {
    for (const [, names] of textOf(page).matchAll(
      /import (?:type )?\{([^}]+)\} from 'braid-evm'/g,
    )) {
      for (const name of names.split(',').map((each) => each.replace(/\btype\b/, '').trim())) {
        const isType = new RegExp(`export (interface|type|declare class) ${name}\\b`).test(types)
        assert.ok(name in braid || isType, `${page}: ${name}`)
      }
    }
  }
})

docs('the first example of the README runs as it stands', () => {
  const [, program] = /saved as `example\.mjs`.*?```js\n(.*?)```/is.exec(textOf('README.md')) ?? []
  // Inside of the repository the package finds itself by its name.
  const path = join(root, 'build', 'readme-example.mjs')
  writeFileSync(path, program)
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8' })
  assert.is(status, 0, stderr)
  assert.is(stdout.match(/^\d+: (success|reverted), \d+ gas, \d+ logs$/gm)?.length, 109)
  assert.match(stdout, /^block 24476005 of bpo2: 8091915 gas, as its header says$/m)
})

const snippets = pages.flatMap((page) => snippetsOf(page, textOf(page)))
const inLanguage = (...languages: readonly string[]) =>
  snippets.filter(({ language }) => languages.includes(language))
const programs = inLanguage('js', 'ts').filter(({ page }) => reasonNotToRun(page) === undefined)

docs('programs are compiled against the declarations of the package', () => {
  const said = compilePrograms(programs)
  assert.is(said, '')
  assert.ok(programs.length > 20)
  for (const name of Object.keys(surroundings)) {
    assert.ok(programs.map(nameOf).includes(name), `there is no ${name}`)
  }
})

for (const program of programs) {
  docs(`${nameOf(program)} runs`, () => runProgram(program))
}

docs('commands run', async () => {
  const { cwd, env } = await commandFolder()
  const left = new Map<string, string>()
  let run = 0
  for (const snippet of inLanguage('sh', 'bash', 'shell', 'console')) {
    for (const line of commandsOf(snippet)) {
      const reason = reasonNotToRun(snippet.page, line) ?? toolMissing(line)
      if (reason !== undefined) {
        left.set(line, reason)
        continue
      }
      const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', line], {
        cwd,
        env,
        encoding: 'utf8',
      })
      assert.is(status, 0, `${snippet.page}: ${line}: ${stderr}`)
      run++
    }
  }
  assert.ok(run >= 8, `${run} commands`)
  for (const [what, reason] of notRun) {
    const lines = [...left.keys()].filter((line) => typeof what !== 'string' && what.test(line))
    const names = typeof what === 'string' ? [what] : lines
    assert.ok(names.length > 0, `${what} is in no page any more`)
    for (const name of names) console.log(`not run: ${name}: ${reason}`)
  }
  for (const [line, reason] of left) {
    if (toolMissing(line) !== undefined) console.log(`not run: ${line}: ${reason}`)
  }
})

docs('snippets say what language they are in', () => {
  const fences = pages.flatMap((page) => [...textOf(page).matchAll(/^\s*```/gm)])
  assert.is(2 * snippets.length, fences.length)
  const known = ['ts', 'js', 'sh', 'diff', 'dockerfile', '']
  for (const snippet of snippets) {
    assert.ok(known.includes(snippet.language), `${snippet.page}: ${snippet.language}`)
  }
})

docs.run()
