/**
 * `npm run prebuild:addon`: copies the addon that was built here to prebuilds/<platform>-<arch>[-musl],
 * where the published package carries it.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { die, root, say } from './steps.mjs'

const built = join(root, 'build/Release/braid.node')
if (!existsSync(built)) {
  die(`no ${built}: run npm run build:native first`)
}

process.report.excludeNetwork = true
const isMusl =
  process.platform === 'linux' &&
  process.report.getReport().header.glibcVersionRuntime === undefined
const system = `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`
const folder = join(root, 'prebuilds', system)
mkdirSync(folder, { recursive: true })
copyFileSync(built, join(folder, 'braid.node'))
say(`copied the addon to prebuilds/${system}`)
