/** A state that lasts, in a folder. */

import { existsSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  accountRecords,
  type Genesis,
  inHashOrder,
  readSnapshot,
  writeSnapshot,
} from '../chain-files/index.js'
import { type CheckpointStore, replaceFile } from '../chain-head/checkpoint.js'
import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { MemoryState } from '../state/memory-state.js'
import type { State } from '../state/state.js'
import { InputError } from './console.js'

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
  /** The root of the accounts, computed anew, where that was asked for. */
  readonly computedRoot: Hex | undefined
}

// The state is kept whole in memory, and in the folder as a snapshot that is written anew at checkpoints. A state
// that lives on the disk takes the place of all below; nobody outside looks behind DataState and DataFacts.

const snapshotOf = (folder: string): string => join(folder, 'state.snapshot')

/** How many blocks can be undone. */
const history = 64

/** The state in a folder; that of a chain's first block where there is none yet. */
export async function openDataState(folder: string, genesis: Genesis): Promise<DataState> {
  await inFolder(folder, () => mkdir(folder, { recursive: true }))
  const path = snapshotOf(folder)
  const chainId = genesis.common.chainId()
  const state = existsSync(path)
    ? await loadSnapshot(path, chainId)
    : new MemoryState(genesis.alloc, { trie: true, history, head: genesis.header })
  const save = async (): Promise<void> => {
    const { head, root } = state
    if (head === undefined || root === undefined) throw errorFor('STATE_UNAVAILABLE')
    const about = { chainId, blockNumber: head.number, blockHash: head.hash, stateRoot: root }
    const accounts = await inHashOrder(accountRecords(state.dump()))
    await inFolder(folder, () => replaceFile(path, writeSnapshot(about, accounts)))
  }
  return {
    state,
    checkpoint: { load: () => (existsSync(path) ? state.head : undefined), save },
    every: 1024,
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  }
}

/** What there is in a folder. */
export async function readDataFacts(folder: string, check: boolean): Promise<DataFacts> {
  const path = snapshotOf(folder)
  if (!existsSync(path)) throw new InputError(`there is no state in ${folder}`)
  const { blockNumber, blockHash, stateRoot, accounts: records } = await readSnapshot(path)
  let accounts = 0
  let slots = 0
  async function* counted() {
    for await (const record of records) {
      if (!record.more) accounts++
      slots += record.storage.size
      yield record
    }
  }
  const loaded = check ? await MemoryState.load(counted(), { trie: true }) : undefined
  if (loaded === undefined) for await (const _ of counted());
  const facts = { number: blockNumber, hash: blockHash, stateRoot, accounts, slots }
  return { ...facts, size: statSync(path).size, computedRoot: loaded?.root }
}

async function loadSnapshot(path: string, chainId: bigint): Promise<MemoryState> {
  const { accounts, stateRoot, blockNumber, blockHash, ...about } = await readSnapshot(path)
  if (about.chainId !== chainId) {
    throw new InputError(`${path} is of chain ${about.chainId}, not of chain ${chainId}`)
  }
  const head = { number: blockNumber, hash: blockHash }
  const state = await MemoryState.load(accounts, { trie: true, history, head })
  if (state.root === stateRoot) return state
  const details = { file: path, field: 'stateRoot', expected: stateRoot }
  throw errorFor('STATE_FILE_DAMAGED', { ...details, actual: state.root ?? null })
}

/** Does something with a folder; what the system throws becomes an InputError that names it. */
async function inFolder<Value>(folder: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act()
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    throw new InputError(`cannot write to ${folder}: ${message}`)
  }
}
