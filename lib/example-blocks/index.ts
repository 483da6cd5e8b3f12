/** Real blocks of Ethereum mainnet that come with the package, for first steps and for `braid demo`. */

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { RpcBlock } from '../block/types.js'
import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import type { Alloc } from '../state/alloc.js'
import { MemoryState } from '../state/memory-state.js'

/** A block of mainnet with what it takes to execute it. */
export interface ExampleBlock {
  /** The block as JSON-RPC gives it, with full transactions. */
  readonly block: RpcBlock
  /** The part of the state before the block that its transactions read. */
  readonly preState: Alloc
  /** The options of `engine.executeBlock` that it is executed with. */
  readonly options: {
    /** {@link preState} as a state. */
    readonly state: MemoryState
    /** The hashes of ancestors that BLOCKHASH asks for, by number. */
    readonly blockHashes: Readonly<Record<string, Hex>>
    /** The pre-state holds what transactions read, no system contracts. */
    readonly forgiveMissingSystemContracts: true
  }
}

/** The numbers of the blocks: of May 2024 (Cancun), April 2025 (Cancun), February 2026 (Osaka). */
export const exampleBlockNumbers: readonly number[] = [19932148, 22244135, 24476005]

/**
 * A block that comes with the package. Its state is a new one with every call.
 *
 * @param number one of {@link exampleBlockNumbers}. Default 24476005, the latest.
 * @throws OptionsError `OPTION_INVALID` where there is no such block
 */
export function exampleBlock(number = 24476005): ExampleBlock {
  if (!exampleBlockNumbers.includes(number)) {
    const expected = `one of ${exampleBlockNumbers.join(', ')}`
    throw errorFor('OPTION_INVALID', { field: 'number', expected, actual: String(number) })
  }
  const text = gunzipSync(readFileSync(fileOf(number))).toString('utf8')
  const { block, preState, blockHashes } = JSON.parse(text) as ExampleBlockFile
  const state = new MemoryState(preState)
  return {
    block,
    preState,
    options: { state, blockHashes, forgiveMissingSystemContracts: true },
  }
}

interface ExampleBlockFile {
  readonly block: RpcBlock
  readonly preState: Alloc
  readonly blockHashes: Readonly<Record<string, Hex>>
}

/** The folder is two levels up in the package, three where the tests' build lies. */
function fileOf(number: number): URL {
  const paths = ['../../', '../../../'].map(
    (up) => new URL(`${up}examples/blocks/${number}.json.gz`, import.meta.url),
  )
  return paths.find((path) => existsSync(path)) ?? paths[0]
}
