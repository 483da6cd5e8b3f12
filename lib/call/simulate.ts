/** Simulation of blocks: `eth_simulateV1`. */

import type { Common } from '@ethereumjs/common'
import { checkOptions, checkUint64, demand } from '../arguments.js'
import {
  BlockHeader,
  type DecodedBlock,
  decodeBlock,
  encodeBlock,
  packBlock,
  type RpcBlock,
  type RpcTransaction,
} from '../block/index.js'
import {
  type BlockHashes,
  blockHashEntries,
  blockNumberOf,
  Revision,
  type Ruleset,
  rulesetAt,
} from '../chain/index.js'
import { emptyTrieRoot } from '../empty-hashes.js'
import { errorFor, isBraidError } from '../errors.js'
import { bytesOf, bytesToHex, type Hex, putUint256, zeroHash } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import {
  Authorization,
  BlockInput,
  BlockOutput,
  ErrorCode,
  FillFlag,
  Transaction,
  TransactionFlag,
} from '../native/wire.js'
import { requestsHash } from '../output/requests.js'
import { StateDiff } from '../output/state-diff.js'
import type { StateOverrides } from '../state/overrides.js'
import { checkState, type ReadableState } from '../state/readable-state.js'
import { Snapshot } from '../state/snapshot.js'
import type { State } from '../state/state.js'
import { bodyDifferences } from '../validation/index.js'
import { draftOf } from './block-draft.js'
import { Changes } from './changes.js'
import { checksumAddress } from './checksum.js'
import { putAuthority } from './pack-calls.js'
import { precompilesOf } from './precompiles.js'
import { type RuleCode, rejectionText, simulationCode } from './rejection.js'
import { type CallRequest, numberOf, senderOf } from './request.js'
import { SimulatedBlock, SimulatedCall, type SimulatedLog } from './simulated-block.js'
import { outcomeOf, putSimulation, runsOf, type SimulatedRun } from './simulated-run.js'
import { transactionOf } from './simulated-transaction.js'
import {
  type PlannedBlock,
  planBlocks,
  type Simulation,
  SimulationCode,
  simulationError,
} from './simulation.js'

/** Where blocks are simulated. */
export interface SimulateOptions {
  /**
   * The state after `block`. It is left as it is. Roots of simulated blocks, and so their hashes, are real
   * where it keeps a trie.
   */
  readonly state: ReadableState
  /** The header of the block that the simulated ones follow. */
  readonly block: BlockHeader
  /** Hashes of ancestors for BLOCKHASH; those of `block`, its parent and simulated blocks are known. */
  readonly blockHashes?: BlockHashes | undefined
  /** The most gas that all transactions may use. Default 50 million, as with geth. */
  readonly gasCap?: bigint | undefined
  /** Ends the simulation when it is aborted: the promise is rejected with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
  /** How many milliseconds it may take: then the promise is rejected with `TIMEOUT`. */
  readonly timeout?: number | undefined
}

/**
 * Executes a packed block on a state; gives the packed output, with its error where it has one.
 * @internal
 */
export type RunBlock = (state: ReadableState, input: Uint8Array) => Promise<Uint8Array>

/** The error that a packed output reports. @internal */
export type ErrorOf = (output: PackedReader) => Error

const usualGasCap = 50_000_000n

/** Throws `OPTION_INVALID` for options that simulations do not have. */
export function checkSimulateOptions(options: SimulateOptions): void {
  checkOptions(options, {
    state: true,
    block: true,
    blockHashes: true,
    gasCap: true,
    signal: true,
    timeout: true,
  })
}

/** Simulates blocks one after another. */
export class BlockSimulation {
  readonly #common: Common
  readonly #run: RunBlock
  readonly #errorOf: ErrorOf
  readonly #base: Snapshot
  /** The root after changes of the state, where it keeps one and has not moved on. */
  readonly #rootAfter: ReturnType<ReadableState['rootsAfter']>
  readonly #baseRuleset: Ruleset
  readonly #simulation: Simulation
  readonly #changes = new Changes()
  readonly #hashes: Map<bigint, string>
  #parent: BlockHeader
  #budget: bigint

  /** @throws OptionsError `OPTION_INVALID` */
  constructor(
    common: Common,
    simulation: Simulation,
    options: SimulateOptions,
    run: RunBlock,
    errorOf: ErrorOf,
  ) {
    const { state, block, blockHashes, gasCap = usualGasCap } = options
    checkState(state)
    demand(block instanceof BlockHeader, 'block', 'a BlockHeader', block)
    checkUint64(gasCap, 'gasCap')
    this.#common = common
    this.#simulation = simulation
    this.#run = run
    this.#errorOf = errorOf
    this.#rootAfter = state.rootsAfter()
    // What is not a snapshot is a state, which can be made one.
    this.#base = state instanceof Snapshot ? state : (state as State).snapshot()
    this.#baseRuleset = rulesetAt(common, block.number, block.timestamp)
    this.#parent = block
    this.#budget = gasCap
    this.#hashes = hashesOf(blockHashes, block)
  }

  /** The simulated blocks, those in between included. */
  async blocks(): Promise<SimulatedBlock[]> {
    const blocks: SimulatedBlock[] = []
    for (const planned of planBlocks(this.#simulation, this.#parent)) {
      blocks.push(await this.#simulate(planned))
    }
    return blocks
  }

  async #simulate(planned: PlannedBlock): Promise<SimulatedBlock> {
    const ruleset = rulesetAt(this.#common, planned.number, planned.time)
    const before = this.#changes.isEmpty ? this.#base : this.#base.after(this.#changes.pack())
    const state = await this.#override(before, planned)
    const { validation = false } = this.#simulation
    const draft = draftOf(planned, ruleset, this.#parent, validation)
    const requests = planned.calls.map((call, i) => ({
      call,
      place: `${planned.place}.calls[${i}].`,
    }))
    const transactions = requests.map(({ call, place }) =>
      transactionOf(call, place, ruleset.chainId),
    )
    const input = this.#pack(decodeBlock(encodeBlock({ ...draft, transactions })), planned, ruleset)
    const packed = await this.#run(state, input)
    const output = new PackedReader(packed)
    this.#throwIfFailed(output, planned, draft)
    this.#changes.absorb(new StateDiff(output))
    this.#budget -= output.u64(BlockOutput.gasUsed)
    const runs = runsOf(output, transactions.length)
    const filled = transactions.map((transaction, i) => ({
      ...transaction,
      nonce: runs[i].nonce,
      gas: runs[i].gas,
    }))
    const rlp = await this.#complete({ ...draft, transactions: filled }, output, ruleset)
    const block = decodeBlock(rlp)
    const calls = callsOf(requests, filled, runs, block, output)
    const { header, withdrawals } = block
    this.#parent = header
    this.#hashes.set(header.number, header.hash)
    const isFull = this.#simulation.returnFullTransactions === true
    return new SimulatedBlock({
      header,
      calls,
      withdrawals: withdrawals && [...withdrawals],
      rlp,
      isFull,
    })
  }

  /** The state before a block, with what is replaced of it. */
  async #override(before: Snapshot, { stateOverrides, place }: PlannedBlock): Promise<Snapshot> {
    if (stateOverrides === undefined) return before
    this.#checkMoves(stateOverrides)
    let state: Snapshot
    try {
      state = before.override(stateOverrides)
    } catch (cause) {
      if (!isBraidError(cause)) throw cause
      const details = { ...cause.details, field: `${place}.stateOverrides` }
      const { general } = SimulationCode
      throw simulationError('SIMULATION_OVERRIDE_INVALID', general, cause.message, details)
    }
    for (const [address, override] of Object.entries(stateOverrides)) {
      const { movePrecompileTo: _, ...values } = override
      if (Object.values(values).some((value) => value !== undefined)) {
        await this.#changes.override(before, plainAddress(address), values)
      }
    }
    return state
  }

  /** Throws where what is to be called elsewhere is no precompiled contract, in the words of geth. */
  #checkMoves(overrides: StateOverrides): void {
    const precompiles = precompilesOf(this.#baseRuleset.revision)
    const addresses = Object.keys(overrides).sort((a, b) =>
      plainAddress(a) < plainAddress(b) ? -1 : 1,
    )
    for (const address of addresses) {
      const target = overrides[address]?.movePrecompileTo
      if (target === undefined) continue
      const from = plainAddress(address)
      const { general } = SimulationCode
      if (!precompiles.has(from)) {
        const text = `account ${checksumAddress(from)} is not a precompile`
        throw simulationError('SIMULATION_OVERRIDE_INVALID', general, text, { address: from })
      }
      if (addresses.some((other) => plainAddress(other) === plainAddress(target))) {
        const text = `account ${checksumAddress(plainAddress(target))} is already overridden`
        throw simulationError('SIMULATION_OVERRIDE_INVALID', general, text, { address: from })
      }
    }
  }

  /** Packs a block so that its transactions run as those of a simulation. */
  #pack(block: DecodedBlock, { calls, overrides, place }: PlannedBlock, ruleset: Ruleset) {
    const { validation = false, traceTransfers = false } = this.#simulation
    const input = packBlock(block, ruleset, {
      blockHashes: this.#hashes,
      forgiveMissingSystemContracts: true,
    })
    putSimulation(input, { gasBudget: this.#budget, traceTransfers })
    const { blobBaseFee } = overrides
    if (blobBaseFee !== undefined) {
      const fee = numberOf(blobBaseFee, 256, `${place}.blockOverrides.blobBaseFee`)
      const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
      putUint256(view, BlockInput.blobBaseFee, fee)
    }
    const first = new PackedReader(input).sectionOffset(BlockInput.transactions)
    const free = TransactionFlag.SkipNonceCheck | TransactionFlag.FreeWithoutFees
    calls.forEach((call, i) => {
      const at = first + i * Transaction.SIZE
      input[at + Transaction.flags] |=
        TransactionFlag.HasSender | TransactionFlag.Simulated | (validation ? 0 : free)
      input[at + Transaction.fill] =
        (call.gas === undefined ? FillFlag.Gas : 0) |
        (call.nonce === undefined ? FillFlag.Nonce : 0)
      const sender = bytesOf(senderOf(call, `${place}.calls[${i}].`)) as Uint8Array
      input.set(sender, at + Transaction.sender)
      putAuthorities(input, at, call, `${place}.calls[${i}].`)
    })
    return input
  }

  #throwIfFailed(output: PackedReader, planned: PlannedBlock, { gasLimit }: RpcBlock): void {
    if (output.u32(BlockOutput.error) === ErrorCode.OK) return
    const index = output.i32(BlockOutput.errorTransaction)
    const error = this.#errorOf(output)
    if (index < 0 || !isBraidError(error) || !error.code.startsWith('TX_')) throw error
    const expected = output.u256(BlockOutput.errorExpected)
    const actual = output.u256(BlockOutput.errorActual)
    const details = {
      blockNumber: planned.number,
      txIndex: index,
      field: `${planned.place}.calls[${index}]`,
    }
    if (error.code === 'TX_GAS_LIMIT_EXCEEDS_BLOCK') {
      const text = `block gas limit reached: remaining: ${expected}, required: ${actual}`
      throw simulationError('SIMULATION_BLOCK_FULL', SimulationCode.blockFull, text, details)
    }
    const call = planned.calls[index]
    const place = `${planned.place}.calls[${index}].`
    const used = output.u64(BlockOutput.gasUsed)
    const wanted =
      call.gas === undefined ? BigInt(gasLimit) - used : numberOf(call.gas, 64, `${place}gas`)
    const left = this.#budget - used
    const rule = error.code as RuleCode
    const reason = rejectionText({ rule, expected, actual, sender: senderOf(call, place) })
    const text = `err: ${reason} (supplied gas ${wanted < left ? wanted : left})`
    throw simulationError('SIMULATION_CALL_INVALID', simulationCode(rule), text, {
      ...details,
      expected,
      actual,
    })
  }

  /** The RLP of the block with a header that says what executing it gave. */
  async #complete(
    draft: RpcBlock,
    output: PackedReader,
    { revision }: Ruleset,
  ): Promise<Uint8Array> {
    const body = decodeBlock(encodeBlock(draft))
    const roots = [...bodyDifferences(body)].map(({ field, actual }) => [field, actual])
    const changes = this.#changes
    const root = changes.isEmpty
      ? this.#base.root
      : await this.#rootAfter({ packed: changes.pack() })
    const header: RpcBlock = {
      ...draft,
      ...(Object.fromEntries(roots) as Partial<RpcBlock>),
      stateRoot: root ?? zeroHash,
      logsBloom: output.hex(BlockOutput.bloom, 256),
      gasUsed: output.u64(BlockOutput.gasUsed),
      receiptsRoot: receiptsRootOf(output, revision),
      ...(revision >= Revision.Cancun ? { blobGasUsed: output.u64(BlockOutput.blobGasUsed) } : {}),
      ...(revision >= Revision.Prague ? { requestsHash: bytesToHex(requestsHash(output)) } : {}),
    }
    return encodeBlock(header)
  }
}

/** Names those who authorize without a signature in the records of a transaction. */
function putAuthorities(input: Uint8Array, at: number, call: CallRequest, place: string): void {
  const packed = new PackedReader(input)
  const first =
    packed.sectionOffset(BlockInput.authorizations) +
    packed.u32(at + Transaction.authorizationStart) * Authorization.SIZE
  call.authorizationList?.forEach(({ authority }, i) => {
    if (authority === undefined) return
    const name = `${place}authorizationList[${i}]`
    putAuthority(input, first + i * Authorization.SIZE, authority, name)
  })
}

const plainAddress = (address: string): Hex => `0x${address.replace(/^0x/, '').toLowerCase()}`

/** What blocks may ask for the hashes of. */
function hashesOf(given: BlockHashes | undefined, block: BlockHeader): Map<bigint, string> {
  const hashes = new Map<bigint, string>()
  const entries = blockHashEntries(given)
  demand(entries !== undefined, 'blockHashes', 'an object or a Map', given)
  for (const [key, hash] of entries) {
    const number = blockNumberOf(key)
    demand(number !== undefined, 'blockHashes', 'numbers of blocks', key)
    hashes.set(number, hash as string)
  }
  if (block.number > 0n) hashes.set(block.number - 1n, block.parentHash)
  return hashes.set(block.number, block.hash)
}

function callsOf(
  requests: readonly { readonly call: CallRequest; readonly place: string }[],
  transactions: readonly RpcTransaction[],
  runs: readonly SimulatedRun[],
  block: DecodedBlock,
  output: PackedReader,
): SimulatedCall[] {
  let logIndex = 0
  return requests.map(({ call, place }, i) => {
    const logs: SimulatedLog[] = runs[i].logs.map(({ index, ...log }) => ({
      ...log,
      logIndex: logIndex + index,
    }))
    logIndex += runs[i].count
    const outcome = outcomeOf(output, i, runs[i], logs)
    const hash = block.transactions.hash(i)
    return new SimulatedCall(hash, senderOf(call, place) as Hex, transactions[i], outcome, logs)
  })
}

/** The root of the receipts. Before Byzantium they hold state roots, which are not computed here. */
function receiptsRootOf(output: PackedReader, revision: number): Hex {
  if (revision >= Revision.Byzantium) return output.hex(BlockOutput.receiptsRoot, 32)
  const count = output.sectionCount(BlockOutput.receipts)
  if (count === 0) return emptyTrieRoot
  const expected = 'one of Byzantium or later, or no calls'
  throw errorFor('OPTION_UNSUPPORTED', { field: 'block', expected })
}
