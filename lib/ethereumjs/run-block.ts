/** `runBlock` of `@ethereumjs/vm`, on the native engine. */

import type { Block, BlockHeader } from '@ethereumjs/block'
import type {
  AfterBlockEvent,
  AfterTxEvent,
  RunBlockOpts,
  RunBlockResult,
  VM,
} from '@ethereumjs/vm'
import { checkOptions, demand, type MembersOf } from '../arguments.js'
import { type DecodedBlock, decodeBlock } from '../block/index.js'
import { Revision, type Ruleset, rulesetOf } from '../chain/index.js'
import { Engine } from '../engine/engine.js'
import { errorFor } from '../errors.js'
import { bytesToHex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { SourceState } from '../state/source-state.js'
import { listRoot } from '../trie/list-root.js'
import { type AppliedBlock, applyBlock, type BlockRun } from './block-run.js'
import { merkleInternals } from './merkle-internals.js'
import { MerkleState } from './merkle-state.js'
import { applyOneByOne } from './one-by-one.js'
import { addressClassOf, VmSource } from './state-manager.js'
import { checkSupported } from './unsupported.js'

/** What can be told beside the options of `@ethereumjs/vm`. */
export interface RunnerOptions {
  /**
   * The engine that executes: with another EVM, number of threads or policy. Its chain does not
   * count, that of the VM does. Default: one engine for the process, made at the first block.
   */
  readonly engine?: Engine | undefined
}

/** The engine of those who name none. */
let sharedEngine: Promise<Engine> | undefined

function defaultEngine(): Promise<Engine> {
  sharedEngine ??= Engine.create()
  return sharedEngine
}

/**
 * Executes a block on the state of a VM of `@ethereumjs/vm`, in place of its own `runBlock`: same
 * options, same result, same events, and the same state in `vm.stateManager` afterwards. On any
 * error the state manager is as it was before the block.
 *
 * What is different:
 * - Errors of the block are the {@link BraidError}s of this package; those of `vm.blockchain` and
 *   `vm.stateManager` come as they are, or as the `cause` of `STATE_UNAVAILABLE`.
 * - `beforeTx` and `afterTx` are emitted in pairs, in order, once all transactions are executed: the
 *   state manager then has the changes of the whole block. An invalid transaction ends the block
 *   before any of them.
 * - What cannot be followed fails with `OPTION_UNSUPPORTED`: `blockAccessList`, profilers, listeners
 *   of `vm.evm.events`, custom opcodes and precompiles, unlimited code sizes. Hardforks, EIPs and
 *   consensus that the native engine lacks fail with `UNSUPPORTED_…`.
 * - `results[].execResult` has no `runState`, `selfdestruct`, `createdAddresses` and `gas`. Where
 *   several things are wrong with a frame at once, `exceptionError` may name another one, and it
 *   does not tell where a jump went wrong, nor what a precompiled contract found wrong.
 * - With `reportPreimages`, `preimages` has every account that the block looked at, and
 *   `results[].preimages` is not set.
 * - The parent's hash, for BLOCKHASH, is the header's; `vm.blockchain` is asked for older ones.
 * - System contracts are executed, not imitated (EIP-2935, EIP-4788), and must not fail (EIP-7002,
 *   EIP-7251).
 */
export async function runBlock(
  vm: VM,
  opts: RunBlockOpts,
  runner: RunnerOptions = {},
): Promise<RunBlockResult> {
  checkArguments(vm, opts, runner)
  const { block, root, clearCache = true } = opts
  await vm._emit('beforeBlock', block)
  const { _setHardfork } = vm as unknown as { readonly _setHardfork?: unknown }
  if ((opts.setHardfork ?? _setHardfork) === true) {
    const { number, timestamp } = block.header
    vm.common.setHardforkBy({ blockNumber: number, timestamp })
  }
  checkSupported(vm, opts)
  const prepared = await prepare(vm, opts, runner)
  if (root !== undefined) await vm.stateManager.setStateRoot(root, clearCache)
  const run: BlockRun = { ...prepared, ...openState(prepared) }
  await vm.evm.journal.checkpoint()
  let result: RunBlockResult
  try {
    result = await execute(run)
  } catch (error) {
    await vm.evm.journal.revert()
    run.merkle?.revert()
    throw error
  }
  await vm.evm.journal.commit()
  vm.evm.journal.cleanJournal()
  vm.stateManager.originalStorageCache.clear()
  const finished = opts.generate === true ? withFields(vm, block, result) : block
  await vm._emit('afterBlock', { ...result, block: finished } satisfies AfterBlockEvent)
  return result
}

const optionMembers: MembersOf<RunBlockOpts> = {
  block: true,
  root: true,
  clearCache: true,
  generate: true,
  skipBlockValidation: true,
  skipHardForkValidation: true,
  skipHeaderValidation: true,
  skipNonce: true,
  skipBalance: true,
  setHardfork: true,
  reportPreimages: true,
  validateBlockSize: true,
  blockAccessList: true,
}

/** By their shape: @ethereumjs may be there in several copies. */
function checkArguments(vm: VM, opts: RunBlockOpts, runner: RunnerOptions): void {
  const { _emit, stateManager, evm } = (vm ?? {}) as Partial<VM>
  const isVm = typeof _emit === 'function' && stateManager !== undefined && evm !== undefined
  demand(isVm, 'vm', 'a VM of @ethereumjs/vm', vm)
  checkOptions(opts, optionMembers, 'opts')
  const { block, root } = opts
  const { header, transactions } = (block ?? {}) as Partial<Block>
  const isBlock = typeof header === 'object' && Array.isArray(transactions)
  demand(isBlock, 'block', 'a Block of @ethereumjs/block', block)
  demand(root === undefined || root instanceof Uint8Array, 'root', 'a Uint8Array', root)
  checkOptions(runner, { engine: true }, 'runner')
  const { engine } = runner
  demand(engine === undefined || engine instanceof Engine, 'engine', 'an Engine', engine)
}

/** All but the state. */
type PreparedRun = Omit<BlockRun, 'merkle' | 'state'>

/** The state that a VM is on now. */
function openState({ vm, ruleset, Address }: PreparedRun): Pick<BlockRun, 'merkle' | 'state'> {
  const source = new VmSource(vm, Address)
  // Older blocks are written transaction by transaction.
  const isWhole = ruleset.revision >= Revision.Byzantium
  const inside = isWhole ? merkleInternals(vm.stateManager) : undefined
  const merkle = inside && new MerkleState(inside, source)
  return { merkle, state: new SourceState(merkle ?? source) }
}

async function prepare(vm: VM, options: RunBlockOpts, runner: RunnerOptions): Promise<PreparedRun> {
  const { block } = options
  const hardfork = vm.common.hardfork()
  const hasOther = block.transactions.length > 0 && block.common.hardfork() !== hardfork
  if (options.skipHardForkValidation !== true && hasOther) {
    throw errorFor('OPTION_INVALID', {
      field: 'block.common',
      expected: hardfork,
      actual: block.common.hardfork(),
    })
  }
  const Address = addressClassOf(block.header.coinbase)
  return {
    engine: runner.engine ?? (await defaultEngine()),
    vm,
    common: vm.common,
    block,
    decoded: decodeBlock(block),
    options,
    ruleset: rulesetFor(vm, block),
    Address,
  }
}

/** The rules of the hardfork that the VM is set to, whatever the block's number and time are. */
function rulesetFor(vm: VM, block: Block): Ruleset {
  const ruleset = rulesetOf(vm.common, vm.common.hardfork())
  const isMined = block.common.consensusType() === 'pow'
  if (ruleset.revision < Revision.Paris && isMined) {
    return { ...ruleset, blockReward: vm.common.param('minerReward') }
  }
  if (isMined || ruleset.revision < Revision.Paris) {
    throw errorFor('UNSUPPORTED_CONSENSUS', {
      hardfork: ruleset.hardfork,
      actual: block.common.consensusType(),
    })
  }
  return ruleset
}

async function execute(run: BlockRun): Promise<RunBlockResult> {
  const { vm, block, options } = run
  if (options.skipBlockValidation !== true) await validate(run)
  const isOld = run.ruleset.revision < Revision.Byzantium
  const applied = isOld ? await applyOneByOne(run) : await applyBlock(run)
  for (const [index, transaction] of block.transactions.entries()) {
    await vm._emit('beforeTx', transaction)
    const event: AfterTxEvent = { transaction, ...applied.results[index] }
    await vm._emit('afterTx', event)
  }
  const stateRoot = await vm.stateManager.getStateRoot()
  if (options.generate !== true) checkOutcome(block.header, applied, stateRoot)
  const { gasUsed, logsBloom, receiptsRoot, requests, requestsHash, results } = applied
  return {
    receipts: results.map(({ receipt }) => receipt),
    logsBloom,
    results,
    stateRoot,
    gasUsed,
    receiptsRoot,
    preimages: options.reportPreimages === true ? preimagesOf(run) : new Map(),
    requestsHash,
    requests,
    blockLevelAccessList: undefined,
  }
}

/** Checks the header with the blockchain, and the body with the header. */
async function validate({ vm, block, decoded, options }: BlockRun): Promise<void> {
  const { header } = block
  if (header.gasLimit >> 63n !== 0n) {
    throw errorFor('BLOCK_FIELD_MISMATCH', {
      field: 'gasLimit',
      expected: (1n << 63n) - 1n,
      actual: header.gasLimit,
    })
  }
  if (options.skipHeaderValidation !== true) {
    const { blockchain } = vm as { blockchain: { validateHeader?(header: BlockHeader): unknown } }
    if (typeof blockchain.validateHeader !== 'function') {
      throw errorFor('OPTION_INVALID', {
        field: 'skipHeaderValidation',
        expected: 'true, or a vm.blockchain with validateHeader',
      })
    }
    await blockchain.validateHeader(header)
  }
  checkSize(block, options)
  for (const [field, actual, expected] of bodyRoots(decoded)) {
    if (expected !== actual) throw errorFor('BLOCK_FIELD_MISMATCH', { field, expected, actual })
  }
}

/** EIP-7934. */
function checkSize(block: Block, { validateBlockSize = false }: RunBlockOpts): void {
  if (!validateBlockSize || !block.common.isActivatedEIP(7934)) return
  const expected = block.common.param('maxRlpBlockSize')
  const actual = BigInt(block.serialize().length)
  if (actual > expected) {
    throw errorFor('BLOCK_FIELD_MISMATCH', { field: 'size', expected, actual })
  }
}

/** A field of the header: what the block gives, and what the header says. */
type Comparison = readonly [field: string, actual: string | bigint, expected: string | bigint]

function bodyRoots({ header, transactions, withdrawals, ommersEncoding }: DecodedBlock) {
  const comparisons: Comparison[] = [
    [
      'transactionsRoot',
      bytesToHex(listRoot(transactions.encodings.toArray())),
      header.transactionsRoot,
    ],
    ['ommersHash', bytesToHex(keccak256(ommersEncoding)), header.ommersHash],
  ]
  if (withdrawals !== undefined && header.withdrawalsRoot !== undefined) {
    const root = bytesToHex(listRoot(withdrawals.encodings.toArray()))
    comparisons.push(['withdrawalsRoot', root, header.withdrawalsRoot])
  }
  return comparisons
}

function checkOutcome(header: BlockHeader, applied: AppliedBlock, stateRoot: Uint8Array): void {
  const { gasUsed, logsBloom, receiptsRoot, requestsHash } = applied
  const comparisons: Comparison[] = [
    ['receiptsRoot', bytesToHex(receiptsRoot), bytesToHex(header.receiptTrie)],
    ['logsBloom', bytesToHex(logsBloom), bytesToHex(header.logsBloom)],
    ['gasUsed', gasUsed, header.gasUsed],
    ['stateRoot', bytesToHex(stateRoot), bytesToHex(header.stateRoot)],
  ]
  if (requestsHash !== undefined && header.requestsHash !== undefined) {
    comparisons.unshift(['requestsHash', bytesToHex(requestsHash), bytesToHex(header.requestsHash)])
  }
  for (const [field, actual, expected] of comparisons) {
    if (expected !== actual) throw errorFor('BLOCK_FIELD_MISMATCH', { field, expected, actual })
  }
}

/** The accounts that the block looked at, by the keys of the state trie. */
function preimagesOf({ vm, state }: BlockRun): NonNullable<RunBlockResult['preimages']> {
  const { stateManager } = vm
  if (stateManager.getAppliedKey === undefined) {
    throw errorFor('OPTION_INVALID', {
      field: 'reportPreimages',
      expected: 'a stateManager with getAppliedKey',
    })
  }
  const preimages: NonNullable<RunBlockResult['preimages']> = new Map()
  for (const hex of state.knownAddresses()) {
    const address = new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
    preimages.set(bytesToHex(stateManager.getAppliedKey(address)), address)
  }
  return preimages
}

/** The block with the header fields that executing it gave. */
function withFields(vm: VM, block: Block, result: RunBlockResult): Block {
  const { stateRoot, logsBloom, gasUsed, receiptsRoot, requestsHash } = result
  const options = { common: vm.common }
  const BlockClass = block.constructor as typeof Block
  const HeaderClass = block.header.constructor as typeof BlockHeader
  const transactionsTrie = listRoot(block.transactions.map((tx) => tx.serialize()))
  const fields = { stateRoot, logsBloom, gasUsed, receiptTrie: receiptsRoot, transactionsTrie }
  const header = new HeaderClass({ ...block.header, ...fields, requestsHash }, options)
  return new BlockClass(header, block.transactions, block.uncleHeaders, block.withdrawals, options)
}
