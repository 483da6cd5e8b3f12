/**
 * `npm run fuzz -- TARGET... [--seconds N] [--seed N] [--standalone]`: builds, then gives targets
 * inputs that nobody thought of, each target for so long (default 60 seconds).
 *
 *   rlp          the RLP reader and the block decoder against @ethereumjs/rlp
 *   boundary     packed blocks and states, damaged: bounds, several workers, commit and undo
 *   interpreter  the built-in EVM against a straightforward interpreter
 *   parallel     blocks full of conflicts in decided interleavings
 *   all          every one of them
 *
 * The native targets are libFuzzer's where a Clang with it is found (BRAID_FUZZ_CXX names one, e.g.
 * clang++-19), with AddressSanitizer and UndefinedBehaviorSanitizer. Elsewhere, and with
 * `--standalone`, a driver of this repository runs them in the build of `npm run test:asan`. The
 * corpus is in build/fuzz-corpus and grows; findings are in build/fuzz-findings.
 *
 * `npm run fuzz -- TARGET --reproduce FILE` runs one target on one input.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { attempt, die, jobs, prepare, root, run, say } from './steps.mjs'

/** The native targets, and how large their inputs may become, in bytes. */
const maxLength = { boundary: 98_304, interpreter: 4_096, parallel: 2_048 }
const targets = ['rlp', ...Object.keys(maxLength)]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    standalone: { type: 'boolean', default: false },
    reproduce: { type: 'string' },
  },
})
const asked = positionals.includes('all') ? targets : positionals
const unknown = asked.filter((name) => !targets.includes(name))
if (asked.length === 0 || unknown.length > 0 || !(Number(values.seconds) > 0)) {
  die(
    `usage: npm run fuzz -- TARGET... [--seconds N] [--seed N], TARGET of ${targets.join(', ')}, all`,
  )
}

const corpus = join(root, 'build/fuzz-corpus')
const findings = join(root, 'build/fuzz-findings')

/** A Clang that builds libFuzzer targets: [C++ compiler, C compiler]; null where there is none. */
function findClang() {
  const named = process.env.BRAID_FUZZ_CXX
  const versions = [22, 21, 20, 19, 18, 17, 16].map((version) => `clang++-${version}`)
  const folder = mkdtempSync(join(tmpdir(), 'braid-fuzz-'))
  try {
    const source = join(folder, 'probe.cpp')
    // Clang 14 and older stumble over consteval.
    writeFileSync(
      source,
      '#include <cstddef>\n#include <cstdint>\n' +
        'static_assert(__clang_major__ >= 15);\n' +
        'extern "C" int LLVMFuzzerTestOneInput(const uint8_t*, size_t) { return 0; }\n',
    )
    for (const compiler of named ? [named] : ['clang++', ...versions]) {
      const args = ['-fsanitize=fuzzer,address', source, '-o', join(folder, 'probe')]
      if (spawnSync(compiler, args, { stdio: 'ignore' }).status === 0) {
        return [compiler, compiler.replace('clang++', 'clang')]
      }
    }
    if (named) die(`BRAID_FUZZ_CXX names ${named}, which does not build libFuzzer targets`)
    return null
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Builds native targets; returns the folder they are in. */
function buildTargets(names) {
  const clang = values.standalone ? null : findClang()
  const folder = clang === null ? 'build/sanitize-address' : 'build/fuzz'
  if (clang === null && !values.standalone) say('no Clang with libFuzzer: using the own driver')
  const compilers =
    clang === null
      ? []
      : [`-DCMAKE_CXX_COMPILER=${clang[0]}`, `-DCMAKE_C_COMPILER=${clang[1]}`, '-DBRAID_FUZZ=ON']
  say(`building the fuzz targets with ${clang?.[0] ?? 'the default compiler'} (${jobs} jobs)`)
  run('cmake', [
    '-S',
    'native',
    '-B',
    folder,
    '-DCMAKE_BUILD_TYPE=Release',
    '-DBRAID_SANITIZE=address,undefined',
    ...compilers,
  ])
  const builds = names.map((name) => `braid_fuzz_${name}`)
  run('cmake', ['--build', folder, '--parallel', jobs, '--target', ...builds])
  return join(root, folder, 'fuzz')
}

/** Runs a native target; returns whether it found nothing. */
function runNativeTarget(name, folder) {
  const own = join(corpus, name)
  mkdirSync(own, { recursive: true })
  const seed = values.seed === undefined ? [] : [`-seed=${values.seed}`]
  const args =
    values.reproduce !== undefined
      ? [values.reproduce]
      : [
          `-max_total_time=${values.seconds}`,
          `-max_len=${maxLength[name]}`,
          '-timeout=60',
          ...seed,
          `-artifact_prefix=${findings}/${name}-`,
          own,
        ]
  const env = { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1' }
  return attempt(join(folder, `braid_fuzz_${name}`), args, { env }) === 0
}

/** Runs the target in TypeScript; returns whether it found nothing. */
function runRlp() {
  const seed = values.seed === undefined ? [] : ['--seed', values.seed]
  const args =
    values.reproduce !== undefined
      ? [values.reproduce]
      : ['--seconds', values.seconds, ...seed, '--findings', findings]
  return attempt(process.execPath, [join(root, 'build/test/fuzz/rlp.js'), ...args]) === 0
}

prepare()
mkdirSync(findings, { recursive: true })
const native = asked.filter((name) => name !== 'rlp')
let folder = ''
if (native.length > 0) {
  folder = buildTargets(native)
  if (values.reproduce === undefined || !existsSync(corpus)) {
    say('making the corpus')
    run(process.execPath, [join(root, 'build/test/fuzz/corpus.js'), corpus])
  }
}
const failed = []
for (const name of asked) {
  say(`fuzzing ${name} for ${values.seconds} s`)
  const isClean = name === 'rlp' ? runRlp() : runNativeTarget(name, folder)
  if (!isClean) failed.push(name)
}
for (const name of failed) {
  say(`${name}: a finding; again: npm run fuzz -- ${name} --reproduce FILE, FILE in ${findings}`)
}
process.stdout.write(`${asked.length - failed.length} passed, ${failed.length} failed\n`)
process.exitCode = failed.length === 0 ? 0 : 1
