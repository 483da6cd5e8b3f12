/** What `braid t8n` says of a block: geth's members, in geth's order. */

import { RLP } from '@ethereumjs/rlp'
import { blobBaseFee, Revision, type Ruleset } from '../../chain/index.js'
import { bytesToHex, type Hex, quantity } from '../../hex/index.js'
import { keccak256 } from '../../native/load.js'
import { BlockOutput, Log, Receipt, ReceiptFlag } from '../../native/wire.js'
import { logsHash, receiptsRootBeforeByzantium } from '../../output/receipt-encoding.js'
import { readRequests, requestsHash } from '../../output/requests.js'
import { listRoot } from '../../trie/list-root.js'
import type { Environment } from './environment.js'
import type { Executed } from './execute.js'

/** What stands for the hash of a block that has none: geth's. */
const blockHash: Hex = `0x1337${'00'.repeat(30)}`
const noAddress: Hex = `0x${'00'.repeat(20)}`

/** The result of a block. */
export function resultJson(executed: Executed, env: Environment, ruleset: Ruleset): object {
  const { output, included, rejected, stateRoot, roots } = executed
  const { revision } = ruleset
  const hasBlobs = env.excessBlobGas !== undefined
  const requests = readRequests(output).filter(({ data }) => data !== '0x')
  return {
    stateRoot,
    txRoot: bytesToHex(listRoot(included.map(({ encoding }) => encoding))),
    receiptsRoot:
      roots === undefined
        ? output.hex(BlockOutput.receiptsRoot, 32)
        : bytesToHex(
            receiptsRootBeforeByzantium(
              output,
              roots.map((root) => Buffer.from(root.slice(2), 'hex')),
            ),
          ),
    logsHash: bytesToHex(logsHash(output)),
    logsBloom: output.hex(BlockOutput.bloom, 256),
    receipts: included.map((_, i) => receiptJson(executed, env, ruleset, i)),
    ...(rejected.length === 0
      ? {}
      : { rejected: rejected.map(({ index, error }) => ({ index, error })) }),
    currentDifficulty: env.difficulty === undefined ? null : quantity(env.difficulty),
    gasUsed: quantity(output.u64(BlockOutput.gasUsed)),
    ...(env.baseFee === undefined ? {} : { currentBaseFee: quantity(env.baseFee) }),
    ...(env.withdrawals === undefined ? {} : { withdrawalsRoot: withdrawalsRoot(env) }),
    ...(hasBlobs
      ? {
          currentExcessBlobGas: quantity(env.excessBlobGas ?? 0n),
          blobGasUsed: quantity(output.u64(BlockOutput.blobGasUsed)),
        }
      : {}),
    ...(revision < Revision.Prague
      ? { requests: null }
      : {
          requestsHash: bytesToHex(requestsHash(output)),
          requests: requests.map(({ type, data }) => `0x0${type}${data.slice(2)}`),
        }),
  }
}

/** The root of the withdrawals. */
export function withdrawalsRoot({ withdrawals = [] }: Environment): Hex {
  const items = withdrawals.map(({ index, validatorIndex, address, amount }) =>
    RLP.encode([index, validatorIndex, address, amount]),
  )
  return bytesToHex(listRoot(items))
}

function receiptJson(
  { output, included, roots }: Executed,
  env: Environment,
  ruleset: Ruleset,
  i: number,
): object {
  const at = output.sectionOffset(BlockOutput.receipts) + i * Receipt.SIZE
  const type = output.u8(at + Receipt.type)
  const blobGas = output.u64(at + Receipt.blobGasUsed)
  const hash = bytesToHex(keccak256(included[i].encoding))
  const hasContract = (output.u16(at + Receipt.flags) & ReceiptFlag.HasContractAddress) !== 0
  return {
    ...(type === 0 ? {} : { type: quantity(type) }),
    root: roots?.[i] ?? '0x',
    status: quantity(output.u8(at + Receipt.status)),
    cumulativeGasUsed: quantity(output.u64(at + Receipt.cumulativeGasUsed)),
    logsBloom: output.hex(at + Receipt.bloom, 256),
    logs: logsJson(output, at, { env, hash, index: i }),
    transactionHash: hash,
    contractAddress: hasContract ? output.hex(at + Receipt.contractAddress, 20) : noAddress,
    gasUsed: quantity(output.u64(at + Receipt.gasUsed)),
    effectiveGasPrice: null,
    ...(blobGas === 0n ? {} : { blobGasUsed: quantity(blobGas) }),
    ...(type === 3 ? { blobGasPrice: quantity(blobPrice(env, ruleset)) } : {}),
    blockHash,
    blockNumber: quantity(env.number),
    transactionIndex: quantity(i),
  }
}

function blobPrice({ excessBlobGas = 0n }: Environment, { blobSchedule }: Ruleset): bigint {
  return blobSchedule === undefined
    ? 0n
    : blobBaseFee(excessBlobGas, blobSchedule.baseFeeUpdateFraction)
}

/** The transaction that logs are of. */
interface LogPlace {
  readonly env: Environment
  readonly hash: Hex
  readonly index: number
}

function logsJson(
  output: Executed['output'],
  receipt: number,
  { env, hash, index }: LogPlace,
): object[] {
  const first = output.u32(receipt + Receipt.logStart)
  const topics = output.sectionOffset(BlockOutput.topics)
  const pool = output.sectionOffset(BlockOutput.pool)
  return Array.from({ length: output.u32(receipt + Receipt.logCount) }, (_, i) => {
    const at = output.sectionOffset(BlockOutput.logs) + (first + i) * Log.SIZE
    const topicStart = output.u32(at + Log.topicStart)
    return {
      address: output.hex(at + Log.address, 20),
      topics: Array.from({ length: output.u32(at + Log.topicCount) }, (__, topic) =>
        output.hex(topics + 32 * (topicStart + topic), 32),
      ),
      data: output.hex(pool + output.u32(at + Log.dataOffset), output.u32(at + Log.dataSize)),
      blockNumber: quantity(env.number),
      transactionHash: hash,
      transactionIndex: quantity(index),
      blockHash,
      blockTimestamp: quantity(env.timestamp),
      logIndex: quantity(first + i),
      removed: false,
    }
  })
}
