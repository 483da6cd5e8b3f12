/** Blocks before Byzantium, whose receipts hold the state's root after each transaction. */

import { RLP } from '@ethereumjs/rlp'
import type { Address } from '@ethereumjs/util'
import type { RunTxResult } from '@ethereumjs/vm'
import { hexToBytes } from '../arguments.js'
import { packTransactions } from '../block/index.js'
import type { BlockEnvironment } from '../block/types.js'
import { addTransactionFlags } from '../engine/source-execution.js'
import { BraidError, errorFor } from '../errors.js'
import { bytesToHex } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import { StateDiff } from '../output/state-diff.js'
import { listRoot } from '../trie/list-root.js'
import { type AppliedBlock, type BlockRun, transactionFlags } from './block-run.js'
import { readResult } from './results.js'
import { writeChanges } from './state-manager.js'
import { LogsBloom } from './vm-objects.js'

/**
 * Executes the transactions one after another, each on what the one before left in the state manager,
 * and pays the rewards.
 */
export async function applyOneByOne(run: BlockRun): Promise<AppliedBlock> {
  const { vm, block, Address } = run
  await drainAccounts(run)
  const results: RunTxResult[] = []
  const logsBloom = new LogsBloom()
  let gasUsed = 0n
  for (const [index, tx] of block.transactions.entries()) {
    const gasLeft = block.header.gasLimit - gasUsed
    if (tx.gasLimit > gasLeft) {
      throw errorFor('TX_GAS_LIMIT_EXCEEDS_BLOCK', {
        txIndex: index,
        expected: gasLeft,
        actual: tx.gasLimit,
      })
    }
    const packed = await executeOne(run, index, tx.serialize())
    const output = new PackedReader(packed)
    const diff = new StateDiff(output)
    await writeChanges(vm.stateManager, diff, Address)
    run.state.commit({ packed })
    const stateRoot = await vm.stateManager.getStateRoot()
    const result = readResult(output, 0, tx, run, {
      gasBefore: gasUsed,
      stateRoot,
    })
    gasUsed += result.totalGasSpent
    logsBloom.or(result.bloom)
    results.push(result)
  }
  await payRewards(run)
  return {
    results,
    gasUsed,
    logsBloom: logsBloom.bitvector,
    receiptsRoot: listRoot(results.map(encodeReceipt)),
    requests: undefined,
    requestsHash: undefined,
  }
}

async function executeOne(run: BlockRun, index: number, encoded: Uint8Array): Promise<Uint8Array> {
  const { engine, ruleset, options, state } = run
  const input = packTransactions(environmentOf(run), ruleset, [encoded])
  addTransactionFlags(input, transactionFlags(options))
  try {
    return await engine.executePacked(input, state)
  } catch (error) {
    if (!(error instanceof BraidError) || error.details.txIndex === undefined) throw error
    throw errorFor(error.code, { ...error.details, txIndex: index }, { cause: error.cause })
  }
}

function environmentOf({ block }: BlockRun): BlockEnvironment {
  const { number, timestamp, gasLimit, coinbase, difficulty, parentHash } = block.header
  return {
    number,
    timestamp,
    gasLimit,
    coinbase: coinbase.toString(),
    difficulty,
    parentHash: bytesToHex(parentHash),
  }
}

/** The consensus encoding of a receipt with a state root. */
function encodeReceipt({ receipt }: RunTxResult): Uint8Array {
  const { bitvector, cumulativeBlockGasUsed, logs } = receipt
  const root = 'stateRoot' in receipt ? receipt.stateRoot : new Uint8Array(0)
  return RLP.encode([root, cumulativeBlockGasUsed, bitvector, logs])
}

/** EIP-779. */
async function drainAccounts(run: BlockRun): Promise<void> {
  const { vm, block, ruleset, Address } = run
  const { irregularTransition } = ruleset
  if (irregularTransition?.block !== block.header.number) return
  let drained = 0n
  for (const hex of irregularTransition.accounts) {
    const address = new Address(hexToBytes(hex, 20, 'address'))
    drained += (await vm.stateManager.getAccount(address))?.balance ?? 0n
    await vm.stateManager.modifyAccountFields(address, { balance: 0n })
  }
  const beneficiary = hexToBytes(irregularTransition.beneficiary, 20, 'address')
  await credit(run, new Address(beneficiary), drained)
}

/** Yellow Paper, section 11.3. */
async function payRewards(run: BlockRun): Promise<void> {
  const { blockReward } = run.ruleset
  const { header, uncleHeaders } = run.block
  for (const ommer of uncleHeaders) {
    const share = 8n - (header.number - ommer.number)
    await credit(run, ommer.coinbase, share > 0n ? (blockReward * share) / 8n : 0n)
  }
  const nephews = BigInt(uncleHeaders.length) * (blockReward / 32n)
  await credit(run, header.coinbase, blockReward + nephews)
}

async function credit({ vm }: BlockRun, address: Address, amount: bigint): Promise<void> {
  const balance = (await vm.stateManager.getAccount(address))?.balance ?? 0n
  await vm.stateManager.modifyAccountFields(address, { balance: balance + amount })
}
