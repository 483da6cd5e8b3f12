/** A state that lasts, in a folder. */

import type { Genesis } from '../chain-files/index.js'
import type { CheckpointStore } from '../chain-head/checkpoint.js'
import { errorFor, isBraidError } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { LmdbState } from '../state/lmdb-state.js'
import type { State } from '../state/state.js'
import { makeFolder } from './files.js'

/** A state in a folder. */
export interface DataState extends AsyncDisposable {
  readonly state: State
  /** Where it goes on from: the state's head, as far as it is on the disk. */
  readonly checkpoint: CheckpointStore
  /** After how many blocks what has changed had better be brought to the disk. */
  readonly every: number
}

/** What a folder says of the state in it. */
export interface DataFacts {
  readonly number: bigint
  readonly hash: Hex
  readonly stateRoot: Hex
  readonly accounts: number
  readonly slots: number
  /** Bytes on the disk. */
  readonly size: number
  /** The root of the accounts, computed anew, where that was asked for and came to an end. */
  readonly computedRoot: Hex | undefined
  /** What else a check found wrong first. */
  readonly problem: string | undefined
}

/** Whether an error is about the folder of a state. */
export function isStoreError(error: unknown): boolean {
  return isBraidError(error) && error.code.startsWith('STORE_')
}

/** How many blocks can be undone. */
const history = 128

/** How many blocks are written at once: all that a killed import runs again. */
const batch = 64

/** The state in a folder; that of a chain's first block where there is none yet. */
export async function openDataState(folder: string, genesis: Genesis): Promise<DataState> {
  const { header, alloc } = genesis
  const options = { batch, history }
  const state = await LmdbState.open(folder, options).catch(async (error: unknown) => {
    const isNew = isBraidError(error, 'STORE_NOT_FOUND') || isBraidError(error, 'STORE_EMPTY')
    if (!isNew) throw error
    makeFolder(folder)
    const head = { number: header.number, hash: header.hash }
    await LmdbState.create(folder, alloc ?? {}, {
      head,
      root: header.stateRoot,
      chain: header.hash,
    })
    return LmdbState.open(folder, options)
  })
  if (state.chain !== undefined && state.chain !== header.hash) {
    await state[Symbol.asyncDispose]()
    throw errorFor('STORE_OTHER_CHAIN', { expected: header.hash, actual: state.chain })
  }
  return {
    state,
    checkpoint: { load: () => state.head, save: () => state.flush() },
    every: batch,
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  }
}

/** What there is in a folder. */
export async function readDataFacts(folder: string, check: boolean): Promise<DataFacts> {
  await using state = await LmdbState.open(folder, { readOnly: true, check })
  const { accounts, slots, fileBytes } = state.size
  const head = state.head
  if (head === undefined) throw errorFor('STORE_EMPTY')
  const found = check ? await state.check() : undefined
  const facts = { ...head, stateRoot: state.root, accounts, slots, size: fileBytes }
  return { ...facts, computedRoot: found?.root, problem: found?.problem }
}
