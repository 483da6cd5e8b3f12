/** Compiled contracts out of npm packages that are not dependencies of this one. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'

/** Packages whose contracts workloads use, with the version that is known to hold what is needed. */
const versions = {
  '@openzeppelin/contracts': '4.9.6',
  '@uniswap/v3-core': '1.0.1',
  '@uniswap/v3-periphery': '1.4.4',
} as const

/** The name of a package with compiled contracts. */
export type ContractPackage = keyof typeof versions

/**
 * The init code of a contract from the JSON file that its compiler left in a package. The package is
 * looked for next to this one, then in the current folder. Throws `WORKLOAD_PACKAGE_MISSING`.
 */
export function initCodeOf(name: ContractPackage, path: string): Hex {
  const require = createRequire(import.meta.url)
  try {
    const file = require.resolve(`${name}/${path}`, {
      paths: [import.meta.dirname, join(process.cwd(), 'node_modules')],
    })
    const { bytecode } = JSON.parse(readFileSync(file, 'utf8')) as { bytecode?: Hex }
    // Code that still waits for a library's address has names in it.
    if (typeof bytecode === 'string' && /^0x([0-9a-fA-F]{2})+$/.test(bytecode)) return bytecode
    throw new Error(`${file} holds no finished bytecode`)
  } catch (cause) {
    throw errorFor('WORKLOAD_PACKAGE_MISSING', {}, { cause, message: missingMessage(name) })
  }
}

function missingMessage(name: ContractPackage): string {
  const wanted = `${name}@${versions[name]}`
  return `the workload needs the compiled contracts of ${name}: npm install --no-save ${wanted}`
}
