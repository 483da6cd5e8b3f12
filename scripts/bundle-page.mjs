/** Makes the script of the page that `braid inspect --html` writes: one file out of lib/inspect/client. */
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { root } from './steps.mjs'

buildSync({
  entryPoints: [join(root, 'lib/inspect/client/main.ts')],
  outfile: join(root, 'dist/inspect/page-script.js'),
  bundle: true,
  format: 'iife',
  target: 'es2023',
  charset: 'utf8',
  minify: true,
  logLevel: 'warning',
})
