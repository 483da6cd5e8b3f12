/** What a shared library of ours must be like on Linux, read from it with binutils. */
import { spawnSync } from 'node:child_process'

function read(program, ...args) {
  const { stdout, status, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')} failed`)
  return stdout
}

/** Orders versions such as 2.4 and 2.28. */
function compareVersions(a, b) {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number))
  return x[0] - y[0] || (x[1] ?? 0) - (y[1] ?? 0)
}

/** Whether version a is above version b. */
export function isAbove(a, b) {
  return compareVersions(a, b) > 0
}

/** The highest glibc version that a library needs; null where it needs none (musl). */
export function glibcNeeded(path) {
  const found = read('objdump', '-T', path).matchAll(/\(?GLIBC_(\d[\d.]*)\)?/g)
  const versions = [...new Set([...found].map(([, version]) => version))].sort(compareVersions)
  return versions.at(-1) ?? null
}

/**
 * What is wrong with how a library is linked: symbols that others could collide with, code that could
 * be unmapped under the pool's threads, and, where it is to stand alone, a C++ library that an older
 * system lacks.
 */
export function linkingFaults(path, { exported, isStandalone }) {
  const faults = []
  const symbols = read('nm', '-D', '--defined-only', path)
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ').at(-1).split('@')[0])
  for (const symbol of symbols.filter((name) => !exported.includes(name))) {
    faults.push(`exports ${symbol}`)
  }
  const dynamic = read('readelf', '-dW', path)
  if (!dynamic.includes('SYMBOLIC')) faults.push('is not linked with -Bsymbolic')
  if (path.endsWith('braid.node') && !dynamic.includes('NODELETE')) {
    faults.push('is not linked with -z nodelete')
  }
  if (isStandalone && dynamic.includes('libstdc++')) faults.push('needs the system’s libstdc++')
  return faults
}

/** Instructions that x86-64-v2 does not have: VEX and EVEX, BMI, ADX, MOVBE, LZCNT, SHA, mask registers. */
const above =
  /\t(v(?!er[rw]\b)\w+|mulx|rorx|shlx|shrx|sarx|andn|bextr|bls\w+|bzhi|pdep|pext|adcx|adox|movbe|lzcnt|sha1\w+|sha256\w+|k(mov|or|and|xor|shift|test|unpck|add|not|xnor)\w*)\s/

/** The functions that are called only where the processor has been asked: the project's, then blst's. */
const guarded = [
  /ifma|Ifma|avx2|avx512|sha_extensions/,
  /^_ZN5braid6crypto9secp256k112_GLOBAL__N_1\d+\w+ILm[12]E/,
  /^__ab_approximation_31$|^(__)?(mulx|sqrx|smulx)_|^(mul|sqr)_\w+\$1$|^blst_sha256_block_data_order_shaext$/,
]

/** The functions of a library, not stripped, that an x86-64-v2 processor could not run and might. */
export function functionsAboveBaseline(path) {
  const found = new Set()
  let name = ''
  for (const line of read('objdump', '-d', '--no-show-raw-insn', path).split('\n')) {
    const head = /^[0-9a-f]+ <(.*)>:$/.exec(line)
    if (head !== null) {
      name = head[1]
    } else if (above.test(line) && !guarded.some((pattern) => pattern.test(name))) {
      found.add(name)
    }
  }
  return [...found]
}
