/** A block on its way through the native engine, and what comes out. */

import type { Block } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import type { CLRequest, CLRequestType } from '@ethereumjs/util'
import type { RunBlockOpts, RunTxResult, VM } from '@ethereumjs/vm'
import { type DecodedBlock, packBlock } from '../block/index.js'
import type { Ruleset } from '../chain/index.js'
import type { Engine } from '../engine/engine.js'
import { addTransactionFlags } from '../engine/source-execution.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, TransactionFlag } from '../native/wire.js'
import { readRequests, requestsHash } from '../output/requests.js'
import { StateDiff } from '../output/state-diff.js'
import type { SourceState } from '../state/source-state.js'
import type { MerkleState } from './merkle-state.js'
import { copied, readResult } from './results.js'
import { type AddressClass, writeChanges } from './state-manager.js'
import { LayerRequest } from './vm-objects.js'

/** Everything that executing one block of a VM needs. */
export interface BlockRun {
  readonly engine: Engine
  readonly vm: VM
  readonly common: Common
  readonly block: Block
  readonly decoded: DecodedBlock
  readonly options: RunBlockOpts
  readonly ruleset: Ruleset
  readonly state: SourceState
  /** The source of the state, where the state manager's tries can be had. */
  readonly merkle: MerkleState | undefined
  readonly Address: AddressClass
}

/** What executing a block gave; the state manager has its changes. */
export interface AppliedBlock {
  readonly results: RunTxResult[]
  readonly gasUsed: bigint
  readonly logsBloom: Uint8Array
  readonly receiptsRoot: Uint8Array
  /** Undefined before Prague. */
  readonly requests: CLRequest<CLRequestType>[] | undefined
  readonly requestsHash: Uint8Array | undefined
}

/** The request types of Prague, in their order (EIP-6110, EIP-7002, EIP-7251). */
const requestTypes: readonly CLRequestType[] = [0, 1, 2]

/** Flags of every transaction of a block. */
export function transactionFlags({ skipNonce, skipBalance }: RunBlockOpts): number {
  return (
    (skipNonce === true ? TransactionFlag.SkipNonceCheck : 0) |
    // @ethereumjs/vm leaves the sender what it was given for the run.
    (skipBalance === true ? TransactionFlag.SkipBalanceCheck | TransactionFlag.KeepLoan : 0)
  )
}

/** Executes a block as a whole. */
export async function applyBlock(run: BlockRun): Promise<AppliedBlock> {
  const { engine, vm, block, decoded, ruleset, options, state, Address } = run
  const input = packBlock(decoded, ruleset, { forgiveMissingSystemContracts: true })
  addTransactionFlags(input, transactionFlags(options))
  const packed = await engine.executePacked(input, state)
  const output = new PackedReader(packed)
  const isWritten = (await run.merkle?.write(packed)) ?? false
  if (!isWritten) await writeChanges(vm.stateManager, new StateDiff(output), Address)
  const hasRequests = run.common.isActivatedEIP(7685)
  return {
    results: block.transactions.map((tx, index) => readResult(output, index, tx, run)),
    gasUsed: output.u64(BlockOutput.gasUsed),
    logsBloom: copied(output.slice(BlockOutput.bloom, 256)),
    receiptsRoot: copied(output.slice(BlockOutput.receiptsRoot, 32)),
    requests: hasRequests ? requestsOf(output) : undefined,
    requestsHash: hasRequests ? requestsHash(output) : undefined,
  }
}

/** A request per type, without data where the block makes none. */
function requestsOf(output: PackedReader): CLRequest<CLRequestType>[] {
  const made = new Map(readRequests(output).map(({ type, data }) => [type, data]))
  return requestTypes.map((type) => {
    const data = made.get(type) ?? '0x'
    return new LayerRequest(type, Buffer.from(data.slice(2), 'hex'))
  })
}
