/**
 * Run in Stryker's copy of the repository: lends it the packages and the addon of the original, and
 * builds TypeScript.
 */
import { mkdirSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buildTypeScript, root as sandbox } from '../steps.mjs'

// Modules are looked for upwards: the copy lies inside of the original.
const resolved = createRequire(import.meta.url).resolve('typescript/package.json')
const packages = dirname(dirname(resolved))
mkdirSync(join(sandbox, 'build'), { recursive: true })
symlinkSync(packages, join(sandbox, 'node_modules'), 'junction')
const addon = join(dirname(packages), 'build', 'Release')
symlinkSync(addon, join(sandbox, 'build', 'Release'), 'junction')
buildTypeScript()
