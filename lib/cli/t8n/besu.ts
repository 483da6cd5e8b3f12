/** What `evmtool t8n` of Besu does otherwise than geth's `evm t8n`: surroundings, reasons and results. */

import { RLP } from '@ethereumjs/rlp'
import {
  difficultyOf,
  nextBaseFee,
  nextExcessBlobGas,
  Revision,
  type Ruleset,
} from '../../chain/index.js'
import { emptyCodeHash, emptyOmmersHash } from '../../empty-hashes.js'
import type { BraidError } from '../../errors.js'
import { bytesToHex, type Hex, quantity, zeroHash } from '../../hex/index.js'
import { keccak256 } from '../../native/load.js'
import { objectOf } from '../evm-tool/json-fields.js'
import type { Accounts } from './alloc.js'
import type { Environment } from './environment.js'
import type { Executed } from './execute.js'
import { resultJson, withdrawalsRoot } from './result.js'

/** Accounts as Besu reads them: numbers are hex, with or without `0x`. */
export function besuAlloc(alloc: unknown): unknown {
  const hex = (value: unknown) =>
    typeof value === 'string' && /^[0-9a-fA-F]+$/.test(value) ? `0x${value}` : value
  const entries = Object.entries(objectOf(alloc, 'alloc')).map(([address, given]) => {
    const account = objectOf(given, `alloc.${address}`)
    return [address, { ...account, balance: hex(account.balance), nonce: hex(account.nonce) }]
  })
  return Object.fromEntries(entries)
}

/** No transaction is too large for a block: Besu compares with no limit. */
const noGasLimit = (1n << 63n) - 1n

/** What follows from the fork and the parent. Besu demands nothing. */
export function besuEnvironment(given: Environment, ruleset: Ruleset): Environment {
  const { revision, blobSchedule, header } = ruleset
  const { parent, number, timestamp } = given
  const env = { ...given, gasLimit: given.gasLimit === 0n ? noGasLimit : given.gasLimit }
  const baseFee =
    env.baseFee ??
    nextBaseFee({
      baseFeePerGas: parent.baseFee ?? 0n,
      gasUsed: parent.gasUsed,
      gasLimit: env.gasLimit,
    })
  const isMined = header.difficulty !== undefined && parent.difficulty !== undefined
  const difficulty =
    env.difficulty ??
    (isMined && header.difficulty !== undefined
      ? difficultyOf(header.difficulty, {
          number,
          timestamp,
          parentTimestamp: parent.timestamp,
          parentDifficulty: parent.difficulty ?? 0n,
          parentHasOmmers: false,
        })
      : undefined)
  const { excessBlobGas, blobGasUsed } = parent
  const hasBlobs = blobSchedule !== undefined && revision >= Revision.Cancun
  const parentBlobs =
    excessBlobGas === undefined || blobGasUsed === undefined
      ? undefined
      : { excessBlobGas, blobGasUsed, baseFeePerGas: parent.baseFee ?? 0n }
  const excess = hasBlobs
    ? (env.excessBlobGas ??
      (parentBlobs && nextExcessBlobGas(parentBlobs, blobSchedule, revision >= Revision.Osaka)) ??
      0n)
    : undefined
  return {
    ...env,
    baseFee: revision >= Revision.London ? baseFee : undefined,
    difficulty: difficulty === 0n ? undefined : difficulty,
    random: env.random ?? 0n,
    excessBlobGas: excess,
    beaconRoot: hasBlobs ? env.beaconRoot : undefined,
    withdrawals: revision >= Revision.Shanghai ? (env.withdrawals ?? []) : undefined,
    ommers: [],
    blockHashes: allHashes(env),
  }
}

/** Hashes that are not given are zero. */
function allHashes({ number, blockHashes = new Map() }: Environment): ReadonlyMap<bigint, Hex> {
  const hashes = new Map<bigint, Hex>()
  for (let i = number > 256n ? number - 256n : 0n; i < number; i++) {
    hashes.set(i, blockHashes.get(i) ?? zeroHash)
  }
  return hashes
}

/**
 * What the block is paid, in wei: nothing where no transaction is in it, else what is said, or where nothing is said what the
 * fork pays. 0 is as good as nothing.
 */
export function besuReward(
  said: bigint | undefined,
  { blockReward }: Ruleset,
  executed: Executed,
): bigint | undefined {
  const reward = said ?? blockReward
  return reward > 0n && executed.included.length > 0 ? reward : undefined
}

/** The withdrawals, and why there are none where one is too much for an account. */
export function besuWithdrawals(
  env: Environment,
  accounts: Accounts,
): { readonly env: Environment; readonly exception?: string } {
  const isTooMuch = env.withdrawals?.some(({ address, amount }) => {
    const balance = accounts.get(address)?.balance ?? 0n
    return (balance + amount * 1_000_000_000n) >> 256n !== 0n
  })
  return isTooMuch ? { env: { ...env, withdrawals: [] }, exception: 'UInt256 overflow' } : { env }
}

/** Why Besu says that a transaction cannot be executed. */
export function besuRejection(
  { code, details, message }: BraidError,
  sender: string | undefined,
): string {
  const { expected, actual } = details
  const hex = (value: unknown) => quantity(typeof value === 'bigint' ? value : 0n)
  switch (code) {
    case 'TX_INTRINSIC_GAS_TOO_LOW':
      return `intrinsic gas cost ${expected} exceeds gas limit ${actual}`
    case 'TX_INITCODE_TOO_LARGE':
      return `Initcode size of ${actual} exceeds maximum size of ${expected}`
    case 'TX_INSUFFICIENT_FUNDS':
      return (
        `transaction up-front cost ${hex(expected)} exceeds transaction sender account balance ` +
        `${hex(actual)} for sender ${sender}`
      )
    case 'TX_NONCE_TOO_LOW':
      return `transaction nonce ${actual} below sender account nonce ${expected}`
    case 'TX_NONCE_TOO_HIGH':
      return `transaction nonce ${actual} does not match sender account nonce ${expected}.`
    default:
      return message
  }
}

/** Members of geth's receipts that Besu's do not have. */
const absent = ['type', 'effectiveGasPrice', 'blobGasUsed', 'blobGasPrice', 'blockNumber']

/** The result of a block in Besu's form. */
export function besuResult(
  executed: Executed,
  env: Environment,
  ruleset: Ruleset,
  extra: { readonly exception?: string; readonly header: Environment; readonly given: unknown },
): object {
  const result = resultJson(executed, env, ruleset) as Record<string, unknown>
  const hash = headerHash(extra.header, ruleset, objectOf(extra.given, 'env'))
  const receipts = (result.receipts as Record<string, unknown>[]).map((receipt) => {
    const own = Object.entries(receipt).filter(([name]) => !absent.includes(name))
    const logs = (receipt.logs as Record<string, unknown>[]).map((log, logIndex) => {
      const { blockTimestamp: _, ...rest } = log
      return {
        ...rest,
        blockNumber: Number(env.number),
        blockHash: hash,
        logIndex: quantity(logIndex),
        removed: 'false',
      }
    })
    const blockHash = zeroHash
    return { ...Object.fromEntries(own), logs: logs.length === 0 ? null : logs, blockHash }
  })
  const { requests, requestsHash, ...rest } = result
  return {
    ...(ruleset.revision < Revision.Prague ? {} : { requestsHash, requests }),
    ...(extra.exception === undefined ? {} : { exception: extra.exception }),
    ...rest,
    ...(extra.header.withdrawals === undefined
      ? {}
      : { withdrawalsRoot: withdrawalsRoot(extra.header) }),
    receipts,
  }
}

/** The hash of the header that Besu makes of the surroundings: that of a block whose outcome is not known. */
function headerHash(
  env: Environment,
  { revision }: Ruleset,
  given: Readonly<Record<string, unknown>>,
): Hex {
  const { number, excessBlobGas = 0n } = env
  const said = given.previousHash
  const items = [
    typeof said === 'string' && said !== '' ? `0x${said.replace(/^0x/, '')}` : zeroHash,
    emptyOmmersHash,
    env.coinbase,
    typeof given.currentStateRoot === 'string' ? given.currentStateRoot : emptyCodeHash,
    emptyCodeHash,
    emptyCodeHash,
    new Uint8Array(256),
    env.difficulty ?? 0n,
    number,
    env.gasLimit,
    0n,
    env.timestamp,
    '0x',
    Buffer.from((env.random ?? 0n).toString(16).padStart(64, '0'), 'hex'),
    new Uint8Array(8),
    ...(revision < Revision.London ? [] : [env.baseFee ?? 0n]),
    ...(revision < Revision.Shanghai ? [] : [withdrawalsRoot(env)]),
    ...(revision < Revision.Cancun ? [] : [0n, excessBlobGas]),
    ...(env.beaconRoot === undefined ? [] : [env.beaconRoot]),
  ]
  return bytesToHex(keccak256(RLP.encode(items as Parameters<typeof RLP.encode>[0])))
}
