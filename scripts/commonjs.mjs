/**
 * Makes dist/ usable from CommonJS, after the compiler: for every entry an `index.cjs` that requires
 * the one ES module (Node 20.19 and later can), and beside every declaration file a `.d.cts` with the
 * same words, so that TypeScript sees a CommonJS package where it compiles to CommonJS.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folders of dist/ that package.json exports. */
const entries = ['.', 'ethereumjs', 'example-blocks']

/** Folders that no declaration of the entries reaches. */
const internal = ['cli']

/** Writes a file unless it already says that: a build that changes nothing leaves dates alone. */
function write(path, text) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    writeFileSync(path, text)
  }
}

/** Writes what CommonJS needs into the given dist folder. */
export function writeCommonJs(dist) {
  for (const entry of entries) {
    write(join(dist, entry, 'index.cjs'), "'use strict'\nmodule.exports = require('./index.js')\n")
  }
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!name.endsWith('.d.ts') || internal.some((folder) => name.startsWith(folder))) continue
    const text = readFileSync(join(dist, name), 'utf8')
    write(
      join(dist, name.replace(/\.d\.ts$/, '.d.cts')),
      text.replace(/(['"])(\.{1,2}\/[^'"\n]*)\.js\1/g, '$1$2.cjs$1'),
    )
  }
}
