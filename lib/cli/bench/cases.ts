/** What `braid bench` measures: made workloads and blocks out of files, each with its state. */

import { statSync } from 'node:fs'
import { encodeBlock } from '../../block/index.js'
import type { BlockSource } from '../../block/types.js'
import type { Engine } from '../../engine/engine.js'
import type { ExecuteBlockSyncOptions } from '../../engine/options.js'
import { MemoryState } from '../../state/memory-state.js'
import {
  makeWorkload,
  type WorkloadName,
  type WorkloadOptions,
  workloadNames,
} from '../../workloads/index.js'
import { readBlockFile } from '../block-run.js'
import { InputError } from '../console.js'
import { findJsonFiles } from '../files.js'
import type { StartProgress } from '../progress.js'

/** A block that is executed again and again. */
export interface BenchCase {
  readonly name: string
  readonly block: BlockSource
  readonly options: ExecuteBlockSyncOptions & { readonly state: MemoryState }
}

/** Makes the workloads of the given names; `all` stands for every one. */
export async function workloadCases(
  names: readonly string[],
  options: WorkloadOptions,
  startProgress: StartProgress,
): Promise<BenchCase[]> {
  const wanted = names.flatMap((name): string[] => (name === 'all' ? [...workloadNames] : [name]))
  const cases: BenchCase[] = []
  const progress = startProgress(wanted.length, 'workloads made')
  try {
    for (const name of wanted) {
      progress.update(cases.length, { current: name })
      // Names that do not exist are typed errors.
      const { block, state } = await makeWorkload(name as WorkloadName, options)
      cases.push({ name, block, options: { state, verify: false } })
    }
  } finally {
    progress.clear()
  }
  return cases
}

/**
 * Reads blocks from files, and from the `.json` and `.json.gz` files of folders.
 *
 * @param given the state of the first block; each further one is on that which the last one leaves.
 *   Without it the files must bring theirs
 * @param engine finds out what a block leaves
 * @param startProgress how to say how far the reading has come
 */
export async function fileCases(
  paths: readonly string[],
  given: MemoryState | undefined,
  engine: Engine,
  startProgress: StartProgress,
): Promise<BenchCase[]> {
  const files = paths.flatMap(filesIn)
  const cases: BenchCase[] = []
  let next = given
  const progress = startProgress(files.length, 'blocks read')
  try {
    for (const path of files) {
      progress.update(cases.length, { current: nameOf(path) })
      const { block, preState, blockHashes } = readBlockFile(path)
      const state = next ?? (preState ? new MemoryState(preState) : undefined)
      if (state === undefined) {
        throw new InputError(`${path} brings no preState; give one with --state`)
      }
      const options: BenchCase['options'] = {
        state,
        ...(blockHashes === undefined ? {} : { blockHashes }),
        // A pre-state that came with its block holds what the block touches, not the whole chain.
        forgiveMissingSystemContracts: given === undefined,
        forgiveMissingOmmers: given === undefined,
        verify: false,
      }
      cases.push({ name: nameOf(path), block: encoded(block), options })
      if (next !== undefined) {
        const result = await engine.executeBlock(block, options)
        next = next.clone()
        next.commit(result)
      }
    }
  } finally {
    progress.clear()
  }
  return cases
}

function filesIn(path: string): string[] {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  return isFolder ? findJsonFiles([path]).map((file) => file.path) : [path]
}

function nameOf(path: string): string {
  return path.replace(/^.*[\\/]/, '').replace(/\.(json|rlp|hex|bin)?(\.gz)?$/, '')
}

/**
 * Blocks come from the network as RLP: reading JSON is not part of what is measured. Only ommers known
 * by hash alone have no place in RLP.
 */
function encoded(block: BlockSource): BlockSource {
  if (block instanceof Uint8Array || 'serialize' in block) return block
  const { uncles } = block
  const isComplete = !Array.isArray(uncles) || uncles.every((ommer) => typeof ommer === 'object')
  return isComplete ? encodeBlock(block) : block
}
