/**
 * Run in Stryker's copy of the repository: gives it the packages of the original and a copy of the addon,
 * which may be built anew meanwhile, and builds TypeScript.
 */
import { cpSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buildTypeScript, root as sandbox } from '../steps.mjs'

// Modules are looked for upwards: the copy lies inside of the original.
const resolved = createRequire(import.meta.url).resolve('typescript/package.json')
const packages = dirname(dirname(resolved))
symlinkSync(packages, join(sandbox, 'node_modules'), 'junction')
const addon = join(dirname(packages), 'build', 'Release')
cpSync(addon, join(sandbox, 'build', 'Release'), { recursive: true })
buildTypeScript()
