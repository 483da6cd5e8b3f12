/** The conformance data: BRAID_FIXTURES, else ../shared/fixtures beside the repository. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Test } from 'uvu'
import type { Alloc, BlockHashes, RpcBlock } from '../lib/index.js'

/** The repository's root, seen from build/test. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

const folder = process.env.BRAID_FIXTURES ?? join(root, '..', 'shared', 'fixtures')

/** Whether the conformance data is there. */
export const hasFixtures = existsSync(folder)

/** A block, and what executing it reads of the state and of the chain before it. */
export interface BlockFixture {
  readonly block: RpcBlock
  readonly preState: Alloc
  readonly blockHashes: BlockHashes
}

/** The path of a fixture. */
export function fixturePath(...names: string[]): string {
  return join(folder, ...names)
}

/** A gzipped JSON file of the fixtures. */
export function readFixture<Value>(...names: string[]): Value {
  return JSON.parse(readText(...names)) as Value
}

/** The text of a gzipped file of the fixtures. */
export function readText(...names: string[]): string {
  return gunzipSync(readFileSync(fixturePath(...names))).toString('utf8')
}

/** The names of the gzipped JSON files in a folder of the fixtures. */
export function fixtureNames(...names: string[]): string[] {
  return readdirSync(fixturePath(...names))
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
}

/**
 * A suite's way to add tests that need the conformance data. Without the data they are left out, and
 * the last call, `report`, says how many.
 */
export function withFixtures(suite: Test, name: string) {
  let leftOut = 0
  return {
    test(title: string, run: () => Promise<void> | void): void {
      if (hasFixtures) suite(title, run)
      else leftOut++
    },
    report(): void {
      if (leftOut > 0) {
        console.log(`${name}: ${leftOut} tests left out: no conformance data in ${folder}`)
      }
    },
  }
}
