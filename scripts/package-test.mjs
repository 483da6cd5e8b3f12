/**
 * `npm run test:package [-- --prebuilt]`: packs braid-evm and the package of this platform, installs both
 * tarballs into an empty project with npm, scripts disabled, and uses them there in every way there is: as
 * an ES module, from CommonJS, from TypeScript, in worker threads, twice in one process; and without a
 * binary that fits. The programs are in test/package. The platform's package holds what
 * `npm run build:native` made; with --prebuilt what `npm run prebuild:addon` makes.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifest, packageName, tarball, targets } from './packages.mjs'
import { npmCommand, root, runNode, say } from './steps.mjs'

const counts = { passed: 0, failed: 0 }

/** Runs one test and counts it. */
function test(name, body) {
  try {
    body()
    counts.passed += 1
    say(`ok: ${name}`)
  } catch (error) {
    counts.failed += 1
    process.stderr.write(`FAILED: ${name}\n${error.message}\n`)
  }
}

/** Runs a program in the project and gives what it printed; throws where its exit code is another. */
function call(program, args, { expected = 0, cwd = project, env = {} } = {}) {
  const { BRAID_ADDON: _, ...rest } = process.env
  const options = { cwd, encoding: 'utf8', env: { ...rest, ...env }, timeout: 300_000 }
  const { status, stdout, stderr, error } = spawnSync(program, args, options)
  const output = `${stdout ?? ''}${stderr ?? ''}`
  assert.equal(status, expected, `${program} ${args.join(' ')}: ${error ?? output}`)
  return output
}

/** Runs a program of test/package by this Node. */
function node(...args) {
  return call(process.execPath, args)
}

/** Runs the TypeScript compiler; errors in declarations of other packages are theirs. */
function typecheck(...args) {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const strict = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--types',
    'node',
    '--pretty',
    'false',
  ]
  const { stdout } = spawnSync(process.execPath, [compiler, '--ignoreConfig', ...strict, ...args], {
    cwd: project,
    encoding: 'utf8',
  })
  const errors = stdout.split('\n').filter((line) => /^\S.*error TS/.test(line))
  const ours = errors.filter((line) => !line.startsWith('node_modules/@ethereumjs/'))
  assert.deepEqual(ours, [])
}

/** The README's snippets in some languages, each with its text. */
function snippets(...languages) {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  const found = [
    ...text.matchAll(new RegExp(`\`\`\`(?:${languages.join('|')})\\n(.*?)\`\`\``, 'gs')),
  ]
  assert.ok(found.length > 0)
  return found
}

/** The error that the first use of the native part ends with; the import goes well. */
function loadError(env) {
  const program =
    "import('braid-evm').then(({ MemoryState }) => { try { new MemoryState() } catch ({ code, message }) { console.log(code, message) } })"
  return call(process.execPath, ['--input-type=module', '-e', program], { env })
}

runNode('scripts/prebuild.mjs', process.argv.includes('--prebuilt') ? [] : ['--here'])
runNode('scripts/pack.mjs', [])
const { platformName } = await import('../dist/native/platform.js')
const platform = platformName()
const target = targets.find((candidate) => candidate.platform === platform)

const project = mkdtempSync(join(tmpdir(), 'braid-package-'))
try {
  cpSync(join(root, 'test/package'), project, { recursive: true })
  // The same program, from CommonJS.
  cpSync(join(root, 'test/package/states.mts'), join(project, 'states.cts'))
  writeFileSync(join(project, 'package.json'), '{ "name": "consumer", "private": true }\n')
  const tarballs = [tarball('braid-evm'), tarball(packageName(platform))]
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  const development = ['@types/node', '@ethereumjs/vm'].map(
    (name) => `${name}@${manifest.devDependencies[name]}`,
  )
  const [npm, args] = npmCommand(['install', ...quiet, '--loglevel=error', ...tarballs])
  test('npm installs the tarballs', () => call(npm, args))

  const installed = join(project, 'node_modules/braid-evm')
  const native = join(project, 'node_modules', packageName(platform))
  test('nothing asks npm to run or to build anything', () => {
    for (const folder of [installed, native]) {
      const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) {
        assert.ok(!(name in scripts), `${folder} has a script ${name}`)
      }
      const files = readdirSync(folder, { recursive: true })
      assert.deepEqual(
        files.filter((file) => file.endsWith('binding.gyp')),
        [],
      )
    }
  })
  test('an ES module', () => node('esm.mjs'))
  for (const [index, [, program]] of snippets('js', 'ts').entries()) {
    test(`program ${index + 1} of the README`, () => {
      writeFileSync(join(project, `readme-${index}.mjs`), program)
      assert.match(node(`readme-${index}.mjs`), /\n.*\n/)
    })
  }
  const commands = snippets('sh').flatMap(([, text]) => text.trim().split('\n'))
  for (const command of commands.filter((line) => line.startsWith('npx '))) {
    // What is installed has to be found, nothing fetched.
    test(command, () => call('npx', ['--no-install', ...command.split(/\s+/).slice(1)]))
  }
  test('CommonJS', () => {
    const output = node('commonjs.cjs')
    assert.ok(!output.includes('Warning'), output)
  })
  test('worker threads', () => node('worker.mjs'))
  test('the command', () => {
    assert.match(call(join(project, 'node_modules/.bin/braid'), ['--help']), /braid execute/)
  })

  test('two copies in one process', () => {
    const other = join(project, 'other')
    mkdirSync(other)
    cpSync(join(project, 'node_modules'), join(other, 'node_modules'), { recursive: true })
    node('copies.mjs')
    rmSync(other, { recursive: true })
  })

  test('the build that fits the processor', () => {
    const loaded =
      "new (require('braid-evm').MemoryState)(); console.log(process.report.getReport().sharedObjects.join('\\n'))"
    const objects = node('-e', loaded).split('\n')
    const probe = join(native, 'cpu-level.node')
    const level = existsSync(probe) ? node('-p', `require(${JSON.stringify(probe)}).cpuLevel`) : 0
    const folder = Number(level) >= 3 ? join(native, 'x86-64-v3') : native
    assert.ok(
      objects.some((path) => path.endsWith(join(folder, 'braid.node').slice(project.length))),
      objects.join('\n'),
    )
    // The other builds work, too, where the processor has what they need.
    for (const { folder: name } of target.builds) {
      if (name === '.' || Number(level) >= 3) {
        const BRAID_ADDON = join(native, name, 'braid.node')
        call(process.execPath, ['esm.mjs'], { env: { BRAID_ADDON } })
      }
    }
  })

  const [, more] = npmCommand(['install', ...quiet, '--loglevel=error', '-D', ...development])
  test('npm adds what the types refer to', () => call(npm, more))
  for (const module of ['node16', 'node18', 'node20', 'nodenext']) {
    test(`TypeScript, module ${module}`, () => {
      typecheck('--module', module, 'types.mts', 'types.cts', 'states.mts', 'states.cts')
    })
  }
  for (const module of ['esnext', 'commonjs']) {
    test(`TypeScript, module ${module}, moduleResolution bundler`, () => {
      typecheck(
        '--module',
        module,
        '--moduleResolution',
        'bundler',
        'types.mts',
        'types.cts',
        'states.mts',
        'states.cts',
      )
    })
  }

  test('an addon that is named and is not there', () => {
    const text = loadError({ BRAID_ADDON: join(project, 'absent.node') })
    assert.match(text, /^NATIVE_LOAD_FAILED .*BRAID_ADDON names .*absent\.node: no such file/)
    assert.match(text, /Build it with 'node .*build\.mjs native'/)
  })
  test('a file that is no addon', () => {
    const path = join(project, 'text.node')
    writeFileSync(
      path,
      'not a library, but long enough for the header of one, and then some more\n',
    )
    assert.match(loadError({ BRAID_ADDON: path }), /^NATIVE_LOAD_FAILED .*it is not for /)
  })
  test('a platform package of another version', () => {
    const path = join(native, 'package.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(/"version": "[^"]+"/, '"version": "99.0.0"'))
    assert.match(
      loadError(),
      /^NATIVE_LOAD_FAILED .* is of version 99\.0\.0, version \S+ is needed/,
    )
    writeFileSync(path, text)
  })
  test('no platform package', () => {
    rmSync(native, { recursive: true })
    const text = loadError()
    assert.match(text, /^NATIVE_LOAD_FAILED .*@braid-evm\/\S+ is not installed/)
    const command = /Build it with 'node (\S+) native'/.exec(text)?.[1]
    assert.ok(command !== undefined && existsSync(command), text)
  })
} finally {
  rmSync(project, { recursive: true, force: true })
}
test('publint and attw', () => {
  call(process.execPath, ['scripts/check-package.mjs', '--packed'], { cwd: root })
})

process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
process.exitCode = counts.failed === 0 ? 0 : 1
