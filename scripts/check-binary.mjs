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
 * be unmapped under the pool's threads, a C++ library that an older system lacks.
 */
export function linkingFaults(path, exported) {
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
  if (dynamic.includes('libstdc++')) faults.push('needs the system’s libstdc++')
  return faults
}
