/** Where the native addon may lie, and why it is not there or does not fit. */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { glibcVersion, platformName } from './platform.js'

/** The package's root, seen from dist/native. */
export const packageRoot: string = fileURLToPath(new URL('../../', import.meta.url))

/** Loads an addon by path, finds a package's file. */
const require = createRequire(import.meta.url)

/** A place that was looked at: the addon's path there, or why there is none that fits. */
export type Candidate = { readonly path: string } | { readonly reason: string }

/**
 * Where the addon may lie, best first: where BRAID_ADDON says and nowhere else, else built in place
 * by `npm run build:native`, else in the platform's package.
 */
export function* candidates(): Generator<Candidate> {
  const { BRAID_ADDON: named } = process.env
  if (named !== undefined && named !== '') {
    const path = resolve(named)
    yield existsSync(path) ? { path } : { reason: `BRAID_ADDON names ${path}: no such file` }
    return
  }
  const built = join(packageRoot, 'build/Release/braid.node')
  if (existsSync(built)) yield { path: built }
  yield fromPlatformPackage(platformName())
}

/** The addon in `@braid-evm/<platform>`. */
function fromPlatformPackage(platform: string): Candidate {
  const name = `@braid-evm/${platform}`
  let manifest: string
  try {
    manifest = require.resolve(`${name}/package.json`)
  } catch {
    return { reason: `${name} is not installed` }
  }
  const wanted = versionIn(join(packageRoot, 'package.json'))
  const found = versionIn(manifest)
  if (found !== wanted) {
    return { reason: `${name} is of version ${found}, version ${wanted} is needed` }
  }
  return forProcessor(dirname(manifest))
}

/** Of the builds in a platform's package, the one for the best processor that this one is. */
function forProcessor(folder: string): Candidate {
  const baseline = join(folder, 'braid.node')
  const probe = join(folder, 'cpu-level.node')
  if (!existsSync(probe)) return { path: baseline }
  let level: number
  try {
    level = (require(probe) as { readonly cpuLevel: number }).cpuLevel
  } catch (error) {
    return { reason: `${probe}: ${whyNotLoaded(error)}` }
  }
  if (level < 2) {
    return {
      reason: 'the processor is not of x86-64-v2 (SSE4.2, POPCNT), which prebuilt addons need',
    }
  }
  const better = join(folder, 'x86-64-v3', 'braid.node')
  return { path: level >= 3 && existsSync(better) ? better : baseline }
}

function versionIn(manifest: string): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version
}

/** Why the system's loader refused an addon, in words that say what to do about it. */
export function whyNotLoaded(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const glibc = /version `(GLIBC_[\d.]+)' not found/.exec(text)?.[1]
  if (glibc !== undefined) {
    const needed = glibc.replace('_', ' ').toLowerCase()
    return `it needs ${needed} or newer, this system has ${glibcVersion() ?? 'none'}`
  }
  if (/version `(GLIBCXX|CXXABI)_/.test(text)) {
    return `it needs a newer libstdc++ than this system's (${text})`
  }
  if (/invalid ELF header|wrong ELF class|incompatible architecture|Exec format error/.test(text)) {
    return `it is not for ${process.platform}-${process.arch} (${text})`
  }
  return text
}
