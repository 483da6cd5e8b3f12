/** What the commands that execute blocks have in common: their options, the block and its state. */

import type { BlockSource } from '../block/types.js'
import { Engine } from '../engine/engine.js'
import type { ExecuteBlockOptions } from '../engine/options.js'
import { InvalidBlockError, InvalidTransactionError } from '../errors.js'
import type { PolicyName } from '../schedule/policy.js'
import type { Alloc } from '../state/alloc.js'
import { MemoryState } from '../state/memory-state.js'
import type { BlockWitness } from '../state/witness-source.js'
import { WitnessState } from '../state/witness-state.js'
import { chainOf } from './chain-option.js'
import { InputError } from './console.js'
import { checkStandardInput, nameOf, parseJson, readBytes, readJson } from './files.js'

/** The options that say how blocks are executed. */
export interface ExecutionOptions {
  /** The name of a network, or the path of a genesis file. */
  readonly chain: string
  readonly state?: string
  readonly vm: string
  /** 0: one per core. */
  readonly threads: number
  readonly policy: PolicyName
}

/** The engine that the options ask for. */
export async function createEngine(options: ExecutionOptions): Promise<Engine> {
  const { chain, vm, threads, policy } = options
  return Engine.create({ common: await chainOf(chain), vm, threads, policy })
}

/**
 * The state that the options name, if they name one.
 *
 * @param inputs the other inputs of the command
 */
export function givenState(
  { state }: Pick<ExecutionOptions, 'state'>,
  inputs: readonly string[],
): MemoryState | undefined {
  checkStandardInput(state === undefined ? inputs : [state, ...inputs])
  if (state === undefined) return undefined
  const value = readJson(state) as { alloc?: Alloc; preState?: Alloc } | null
  return new MemoryState(value?.alloc ?? value?.preState ?? (value as Alloc))
}

/** A block, and how it is to be executed. */
export interface PreparedBlock {
  readonly source: BlockSource
  readonly options: ExecuteBlockOptions
}

/**
 * Reads the block of a file. It is to be executed without being compared with its header.
 *
 * @param given the state to execute on; without it the file must bring one, or a witness
 */
export function prepareBlock(path: string, given: MemoryState | undefined): PreparedBlock {
  const { block, preState, blockHashes, parentStateRoot, witness } = readBlockFile(path)
  if (given === undefined && parentStateRoot !== undefined && witness !== undefined) {
    const state = new WitnessState({ parentStateRoot, ...witness })
    return { source: block, options: { state, verify: false } }
  }
  const state = given ?? (preState ? new MemoryState(preState) : undefined)
  if (state === undefined) {
    throw new InputError(`${nameOf(path)} brings no preState or witness; give a state with --state`)
  }
  const options = {
    state,
    ...(blockHashes === undefined ? {} : { blockHashes }),
    // A pre-state that came with its block holds what the block touches, not the whole chain.
    forgiveMissingSystemContracts: given === undefined,
    forgiveMissingOmmers: given === undefined,
    verify: false,
  }
  return { source: block, options }
}

/** Whether an error says that the block is invalid, rather than that the command cannot work. */
export function isInvalidBlock(error: unknown): boolean {
  return error instanceof InvalidTransactionError || error instanceof InvalidBlockError
}

/** What a block file may bring beside the block. */
export interface BlockFile {
  readonly block: BlockSource
  readonly preState?: Alloc | null
  readonly blockHashes?: Readonly<Record<string, string>>
  /** The root of the state that {@link witness} is of. */
  readonly parentStateRoot?: BlockWitness['parentStateRoot']
  /** What proves the part of the state that the block needs. */
  readonly witness?: Omit<BlockWitness, 'parentStateRoot'>
}

/** Reads a block in any of the forms that the commands take. */
export function readBlockFile(path: string): BlockFile {
  const bytes = readBytes(path)
  // RLP blocks are lists, JSON blocks objects, and both may be written as text.
  const text = isText(bytes[0]) ? bytes.toString('utf8').trim() : ''
  if (text === '') return { block: bytes }
  if (/^(0x)?[0-9a-fA-F]+$/.test(text)) {
    return { block: Buffer.from(text.replace(/^0x/, ''), 'hex') }
  }
  const value = parseJson(text, path)
  if (typeof value !== 'object' || value === null) {
    throw new InputError(`${nameOf(path)} holds no block`)
  }
  if ('block' in value) return value as BlockFile
  return { block: ('result' in value ? value.result : value) as BlockSource }
}

function isText(firstByte: number | undefined): boolean {
  return firstByte !== undefined && firstByte < 0x80
}
