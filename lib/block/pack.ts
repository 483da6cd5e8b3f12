/** Packing of a decoded block for the native engine. */

import { maxOmmers, ommerGenerations, Revision, type Ruleset } from '../chain/index.js'
import { errorFor } from '../errors.js'
import { uint256ToBytes } from '../hex/index.js'
import { BlockFlag } from '../native/wire.js'
import type { DecodedBlock } from './decoded-block.js'
import { checkHeaderFields, checkWithdrawalList } from './fork-fields.js'
import type { BlockHeader } from './header.js'
import { completeInput, type PreparedSystemCall, visibleBlockHashes } from './input-context.js'
import type { PackOptions } from './types.js'

/**
 * The packed input of a block under a ruleset: a BlockInput of the wire schema.
 *
 * @throws InvalidBlockError `BLOCK_FIELD_UNEXPECTED` where the header or the list of withdrawals does
 *   not fit the hardfork, `BLOCK_OMMER_INVALID`; OptionsError for malformed block hashes
 */
export function packBlock(
  block: DecodedBlock,
  ruleset: Ruleset,
  options: PackOptions = {},
): Uint8Array {
  const { header } = block
  checkHeaderFields(header, ruleset)
  checkWithdrawalList(block)
  checkOmmers(block, ruleset)
  const { irregularTransition } = ruleset
  const drains = irregularTransition?.block === header.number ? irregularTransition : undefined
  return completeInput(block.takeInput(), {
    ruleset,
    number: header.number,
    timestamp: header.timestamp,
    gasLimit: header.gasLimit,
    baseFee: header.baseFeePerGas ?? 0n,
    excessBlobGas: header.excessBlobGas ?? 0n,
    blockReward: ruleset.blockReward,
    prevRandao:
      ruleset.revision >= Revision.Paris
        ? bytesOf(header, 'mixHash')
        : uint256ToBytes(header.difficulty),
    parentHash: bytesOf(header, 'parentHash'),
    coinbase: bytesOf(header, 'coinbase'),
    depositContract: ruleset.depositContract,
    systemCalls: systemCallsOf(block, ruleset),
    blockHashes: visibleBlockHashes(options.blockHashes, header.number, header.parentHash),
    drains: drains?.accounts ?? [],
    drainBeneficiary: drains?.beneficiary,
    flags: options.forgiveMissingSystemContracts ? BlockFlag.ForgiveMissingSystemContracts : 0,
  })
}

function bytesOf(header: BlockHeader, field: 'mixHash' | 'parentHash' | 'coinbase'): Uint8Array {
  const bytes = header.bytesOf(field)
  if (bytes === undefined) throw errorFor('BLOCK_FIELD_UNEXPECTED', { field, expected: 'present' })
  return bytes
}

function checkOmmers({ header, ommers }: DecodedBlock, ruleset: Ruleset): void {
  const allowed = ruleset.revision >= Revision.Paris ? 0 : maxOmmers
  if (ommers.length > allowed) {
    throw errorFor('BLOCK_OMMER_INVALID', {
      field: 'ommers',
      expected: allowed,
      actual: ommers.length,
    })
  }
  ommers.forEach((ommer, i) => {
    const depth = header.number - ommer.number
    if (depth < 1n || depth > BigInt(ommerGenerations)) {
      throw errorFor('BLOCK_OMMER_INVALID', { field: `ommers[${i}].number`, actual: ommer.number })
    }
  })
}

/** The ruleset's system calls with what they are given (EIP-2935, EIP-4788). */
function systemCallsOf(block: DecodedBlock, ruleset: Ruleset): PreparedSystemCall[] {
  return ruleset.systemCalls.map((rule) => {
    const parentHash = block.systemInputsOffset
    if (rule.name === 'blockHashes') return { rule, inputOffset: parentHash, inputSize: 32 }
    if (rule.name === 'beaconRoots') return { rule, inputOffset: parentHash + 32, inputSize: 32 }
    return { rule, inputOffset: 0, inputSize: 0 }
  })
}
