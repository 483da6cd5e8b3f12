/** What chains are made of, and how they are moved. */

import { checkFlags, checkOptions, demand, type MembersOf } from '../arguments.js'
import { BlockHeader } from '../block/index.js'
import type { BlockHashes } from '../chain/index.js'
import type { Genesis } from '../chain-files/index.js'
import { checkSignal, checkTimeout } from '../engine/cancellation.js'
import { Engine } from '../engine/engine.js'
import type { BlockReference } from '../state/block-reference.js'
import { State } from '../state/state.js'
import { type Ancestor, checkAncestors } from '../validation/index.js'
import type { LineageStart } from './lineage.js'

/** What a chain is made of. */
export interface ChainOptions {
  /** Executes the blocks, by the rules of its chain. It stays the caller's. */
  readonly engine: Engine
  /** The state after the head, which the chain moves; nobody else may. It stays the caller's. */
  readonly state: State
  /**
   * The header of the head. Default: that of `genesis`, where the state is that of block 0 or does not say;
   * else only number and hash are known, as the state tells them, and {@link Chain.replay} can go on where its
   * blocks begin at the head or before it.
   */
  readonly head?: BlockHeader | undefined
  /** What the chain begins with, as `readGenesis` gives it. */
  readonly genesis?: Pick<Genesis, 'header'> | undefined
  /** Check what consensus demands of headers, ommers and sizes. Default true. */
  readonly validate?: boolean | undefined
  /** With `validate`, check the proofs of work as well. Default false. */
  readonly proofOfWork?: boolean | undefined
  /**
   * Compute the receipts' state roots of blocks before Byzantium, as `executeBlock` does with the option of
   * the same name. Default false.
   */
  readonly transactionRoots?: boolean | undefined
  /** Take `from` of JSON transactions without a signature as their sender. Default false. */
  readonly trustSenders?: boolean | undefined
  /** The head and the blocks before it, newest first: for ommers of the next seven blocks. */
  readonly ancestors?: readonly Ancestor[] | undefined
  /** Hashes of blocks before the head, for BLOCKHASH. */
  readonly blockHashes?: BlockHashes | undefined
}

/** How one block is imported, or a branch. */
export interface ImportOptions {
  /** Ends it with `CANCELLED`; the chain is as it was. */
  readonly signal?: AbortSignal | undefined
  /** How many milliseconds executing a block may take; then it fails with `TIMEOUT`. */
  readonly timeout?: number | undefined
}

const chainMembers: MembersOf<ChainOptions> = {
  engine: true,
  state: true,
  head: true,
  genesis: true,
  validate: true,
  proofOfWork: true,
  transactionRoots: true,
  trustSenders: true,
  ancestors: true,
  blockHashes: true,
}

/** Throws `OPTION_INVALID` where options contradict each other or the state; tells where the chain is. */
export function startOf(options: ChainOptions): LineageStart {
  checkOptions(options, chainMembers)
  const { engine, state, genesis, ancestors, blockHashes } = options
  demand(engine instanceof Engine, 'engine', 'an Engine', engine)
  demand(state instanceof State, 'state', 'a state that moves on', state)
  checkFlags(options, 'validate', 'proofOfWork', 'transactionRoots', 'trustSenders')
  const first = genesis?.header
  const isGenesis = genesis === undefined || first instanceof BlockHeader
  demand(isGenesis, 'genesis', 'what readGenesis gives', genesis)
  const isHead = options.head === undefined || options.head instanceof BlockHeader
  demand(isHead, 'head', 'a BlockHeader', options.head)
  if (ancestors !== undefined) checkLine(ancestors)
  const isFirst = state.head === undefined || state.head.number === 0n
  const header = options.head ?? ancestors?.[0]?.header ?? (isFirst ? first : undefined)
  const head: BlockReference | undefined = header ?? state.head
  demand(head !== undefined, 'head', 'the header of the block that the state is after', head)
  const same = (field: string, expected: string | undefined, actual: string): void => {
    if (expected !== undefined) demand(actual === expected, field, expected, actual)
  }
  same('head', state.head?.hash, head.hash)
  same('ancestors[0]', ancestors?.[0]?.header.hash, head.hash)
  if (header !== undefined) same('state', state.root, header.stateRoot)
  return { head, header, ancestors: ancestors?.length === 0 ? undefined : ancestors, blockHashes }
}

/** Throws `OPTION_INVALID` where blocks do not follow one another, newest first. */
function checkLine(ancestors: readonly Ancestor[]): void {
  checkAncestors(ancestors)
  for (let i = 1; i < ancestors.length; i++) {
    const { parentHash } = ancestors[i - 1].header
    const { hash } = ancestors[i].header
    demand(hash === parentHash, `ancestors[${i}]`, parentHash, hash)
  }
}

/** Throws where the options of one step are wrong, or it has been cancelled. */
export function checkImportOptions(options: ImportOptions): void {
  checkOptions(options, { signal: true, timeout: true })
  checkSignal(options.signal)
  checkTimeout(options.timeout)
}
