/** Executes the block of `braid t8n`: transactions that cannot be in it are told and left out. */

import { packTransition, type Transition } from '../../block/index.js'
import { Revision, type Ruleset } from '../../chain/index.js'
import { executionError } from '../../engine/execution-error.js'
import { BlockDecodeError, type BraidError, errorFor, isBraidError } from '../../errors.js'
import { type Hex, uint256ToBytes, zeroHash } from '../../hex/index.js'
import { keccak256, NativeEngine, NativeState, recoverAddresses } from '../../native/load.js'
import { PackedReader } from '../../native/packed-reader.js'
import { BlockInput, Transaction } from '../../native/wire.js'
import { StateDiff } from '../../output/state-diff.js'
import { packAlloc } from '../../state/alloc.js'
import { blockUpTo, type NativeTracer, tracedInput, tracesIn } from '../../trace/index.js'
import { StateTrie } from '../../trie/state-trie.js'
import { gethDecodeText, isUnreadable } from '../evm-tool/decode-text.js'
import { gethRejection } from '../evm-tool/rejection-text.js'
import { ToolError, ToolExitCode } from '../evm-tool/tool-error.js'
import type { Accounts } from './alloc.js'
import type { Environment } from './environment.js'

/** A transaction that is not in the block. */
export interface Rejected {
  /** Its place among those that were given. */
  readonly index: number
  readonly encoding: Uint8Array
  readonly error: string
  /** Whether it was begun: it was a transaction, but not one that could run. */
  readonly wasBegun: boolean
}

/** A block that was executed. */
export interface Executed {
  readonly output: PackedReader
  readonly input: Uint8Array
  readonly stateRoot: Hex
  /** Those that are in the block. */
  readonly included: readonly Included[]
  readonly rejected: readonly Rejected[]
  /** The state root after each transaction; before Byzantium, where receipts hold them. */
  readonly roots: readonly Hex[] | undefined
  readonly trie: StateTrie
}

/** A transaction that is in the block. */
export interface Included {
  /** Its place among those that were given. */
  readonly index: number
  readonly encoding: Uint8Array
}

/** Executes blocks on a state of their own. */
export class TransitionExecutor {
  readonly #engine = new NativeEngine({ vm: '', threads: 1 })
  readonly #state = new NativeState()
  readonly #trie: StateTrie
  readonly #accounts: Accounts

  constructor(accounts: Accounts) {
    this.#accounts = accounts
    const dump = packAlloc(Object.fromEntries(accounts))
    this.#state.load(dump)
    this.#trie = new StateTrie(dump)
  }

  /**
   * @param reward in wei; undefined: nobody is paid one
   * @param tell says why a transaction cannot be executed that could be read. Default: as geth does
   */
  execute(
    env: Environment,
    ruleset: Ruleset,
    reward: bigint | undefined,
    encodings: readonly Uint8Array[],
    tell: (error: BraidError, sender: Hex | undefined) => string = gethRejection,
  ): Executed {
    const transition = transitionOf(env, ruleset, reward)
    let included: readonly Included[] = encodings.map((encoding, index) => ({ index, encoding }))
    const rejected: Rejected[] = []
    for (;;) {
      const attempt = this.#attempt(transition, ruleset, included)
      if (!isBraidError(attempt.outcome)) {
        const { input, outcome: output } = attempt
        rejected.sort((a, b) => a.index - b.index)
        const roots =
          ruleset.revision < Revision.Byzantium ? this.#roots(input, included.length) : undefined
        const stateRoot = this.#trie.rootAfter({ packed: output.bytes })
        return { output, input, stateRoot, included, rejected, roots, trie: this.#trie }
      }
      const place = attempt.outcome.details.txIndex
      if (place === undefined || !isRejection(attempt.outcome)) throw fatal(attempt.outcome)
      const { index, encoding } = included[place]
      const error = isUnreadable(attempt.outcome)
        ? gethDecodeText(encoding, attempt.outcome)
        : tell(
            this.#firstBroken(attempt.outcome, attempt.input, place),
            senderIn(attempt.input, place),
          )
      const wasBegun = !isUnreadable(attempt.outcome) && !isTold.has(attempt.outcome.code)
      rejected.push({ index, encoding, error, wasBegun })
      included = included.filter((_, i) => i !== place)
    }
  }

  #attempt(
    transition: Transition,
    ruleset: Ruleset,
    included: readonly Included[],
  ): { readonly input: Uint8Array; readonly outcome: PackedReader | BraidError } {
    let input: Uint8Array
    try {
      const encodings = included.map(({ encoding }) => encoding)
      input = packTransition(transition, ruleset, encodings)
    } catch (error) {
      if (isBraidError(error)) return { input: new Uint8Array(), outcome: error }
      throw error
    }
    const output = new PackedReader(this.#engine.executeSync(this.#state, input))
    return { input, outcome: executionError(output) ?? output }
  }

  /**
   * What clients tell of a transaction that breaks a rule: that its nonce is wrong, where it is, whatever else is
   * wrong with it.
   */
  #firstBroken(error: BraidError, input: Uint8Array, place: number): BraidError {
    const sender = senderIn(input, place)
    if (sender === undefined || error.code.startsWith('TX_NONCE_')) return error
    const packed = this.#engine.executeSync(this.#state, blockUpTo(input, place))
    const changed = new StateDiff(new PackedReader(packed)).get(sender)
    const expected = changed?.nonce.after ?? this.#accounts.get(sender)?.nonce ?? 0n
    const reader = new PackedReader(input)
    const at = reader.sectionOffset(BlockInput.transactions) + place * Transaction.SIZE
    const actual = reader.u64(at + Transaction.nonce)
    if (actual === expected) return error
    const code = actual < expected ? 'TX_NONCE_TOO_LOW' : 'TX_NONCE_TOO_HIGH'
    return errorFor(code, { txIndex: place, address: sender, expected, actual })
  }

  /** What a tracer says of each transaction of a block that was executed. */
  traces(input: Uint8Array, tracer: NativeTracer, hashes: readonly Hex[]): Uint8Array[] {
    const traced = tracedInput(input, tracer, [zeroHash, ...hashes], 0)
    const output = new PackedReader(this.#engine.executeSync(this.#state, traced))
    const error = executionError(output)
    if (error !== undefined) throw fatal(error)
    return tracesIn(output.bytes)
  }

  /** The state root after each transaction. */
  #roots(input: Uint8Array, count: number): Hex[] {
    return Array.from({ length: count }, (_, i) => {
      const packed = this.#engine.executeSync(this.#state, blockUpTo(input, i + 1))
      return this.#trie.rootAfter({ packed })
    })
  }
}

/** Rules that geth looks at before it begins a transaction. */
const isTold: ReadonlySet<string> = new Set([
  'TX_SIGNATURE_INVALID',
  'TX_WRONG_CHAIN_ID',
  'TX_BLOB_GAS_EXCEEDS_BLOCK',
])

function isRejection(error: BraidError): boolean {
  return error.code.startsWith('TX_') || error instanceof BlockDecodeError
}

/** Why there is no block, as an error with an exit code. */
function fatal(error: BraidError): Error {
  if (error.code === 'STATE_MISSING_BLOCK_HASH') {
    const text = `getHash(${error.details.expected}) invoked, blockhash for that block not provided`
    return new ToolError(ToolExitCode.MissingBlockHash, text)
  }
  if (!error.code.startsWith('BLOCK_')) return error
  return new ToolError(ToolExitCode.Evm, `failed to process post-execution: ${error.message}`)
}

/** Who signed a transaction of a packed block; undefined where nobody can have. */
function senderIn(input: Uint8Array, index: number): Hex | undefined {
  if (input.length === 0) return undefined
  const packed = new PackedReader(input)
  const at = packed.sectionOffset(BlockInput.transactions) + index * Transaction.SIZE
  const payload = packed.sectionOffset(BlockInput.pool) + packed.u32(at + Transaction.payloadOffset)
  const hash = keccak256(packed.slice(payload, packed.u32(at + Transaction.payloadSize)))
  const signature = Buffer.concat([
    hash,
    packed.slice(at + Transaction.r, 32),
    packed.slice(at + Transaction.s, 32),
    Uint8Array.of(packed.u8(at + Transaction.yParity)),
  ])
  const [isKnown, ...address] = recoverAddresses(signature)
  return isKnown === 1 ? `0x${Buffer.from(address).toString('hex')}` : undefined
}

/** The block that an environment describes. */
function transitionOf(env: Environment, ruleset: Ruleset, reward: bigint | undefined): Transition {
  const { number, blockHashes, withdrawals = [] } = env
  const isMerged = ruleset.revision >= Revision.Paris
  const word = isMerged ? (env.random ?? 0n) : (env.difficulty ?? 0n)
  return {
    number,
    timestamp: env.timestamp,
    gasLimit: env.gasLimit,
    baseFee: ruleset.revision >= Revision.London ? (env.baseFee ?? 0n) : 0n,
    excessBlobGas: env.excessBlobGas ?? 0n,
    coinbase: env.coinbase,
    prevRandao: uint256ToBytes(word),
    reward,
    withdrawals: [
      ...(isMerged ? rewardsAsWithdrawals(env, reward) : []),
      ...(ruleset.revision >= Revision.Shanghai ? withdrawals : []),
    ],
    ommers: env.ommers,
    blockHashes: blockHashes ?? new Map(),
    parentHash: blockHashes === undefined ? undefined : (blockHashes.get(number - 1n) ?? zeroHash),
    beaconRoot: env.beaconRoot,
  }
}

const weiPerGwei = 1_000_000_000n

/**
 * From Paris on nothing is paid for blocks, but geth does so where it is told to; with a reward of nothing the
 * coinbase is touched. Both are what withdrawals do.
 */
function rewardsAsWithdrawals(
  { coinbase }: Environment,
  reward: bigint | undefined,
): Transition['withdrawals'] {
  if (reward === undefined) return []
  if (reward % weiPerGwei !== 0n) {
    const text = `from Paris on --state.reward takes whole gwei, not ${reward}`
    throw new ToolError(ToolExitCode.Config, text)
  }
  return [{ address: coinbase, amount: reward / weiPerGwei }]
}
