/** From the fields of a state test to what is executed. */

import type { BlockEnvironment, TransactionSource } from '../../block/index.js'
import { blockHashWindow, Revision, type Ruleset, rulesetForFork } from '../../chain/index.js'
import { isBraidError } from '../../errors.js'
import { addressOfSecretKey, keccak256 } from '../../native/load.js'
import type {
  StateTestConfig,
  StateTestEnvironment,
  StateTestPost,
  StateTestTransaction,
} from './format.js'

/** Rulesets by fork and configuration. */
export class RulesetCache {
  private readonly rulesets = new Map<string, Ruleset | undefined>()

  /** The rules of a fork as a test configures them; undefined where the fork is not supported. */
  get(fork: string, config: StateTestConfig | undefined): Ruleset | undefined {
    const chainId = config?.chainid ?? '0x01'
    const blobSchedule = config?.blobSchedule?.[fork]
    const key = `${fork} ${chainId} ${JSON.stringify(blobSchedule)}`
    if (!this.rulesets.has(key)) {
      this.rulesets.set(
        key,
        supported(() =>
          rulesetForFork(fork, {
            chainId: BigInt(chainId),
            ...(blobSchedule === undefined ? {} : { blobSchedule }),
          }),
        ),
      )
    }
    return this.rulesets.get(key)
  }
}

function supported(make: () => Ruleset): Ruleset | undefined {
  try {
    return make()
  } catch (error) {
    if (isBraidError(error, 'UNSUPPORTED_HARDFORK')) return undefined
    throw error
  }
}

/** The block that a test's transactions are in. */
export function environmentOf(env: StateTestEnvironment, ruleset: Ruleset): BlockEnvironment {
  const number = BigInt(env.currentNumber)
  // Tests give the base fee and the randomness to every fork: older ones do not know them.
  const london = ruleset.revision >= Revision.London
  const { currentRandom } = env
  return {
    number,
    timestamp: BigInt(env.currentTimestamp),
    gasLimit: BigInt(env.currentGasLimit),
    coinbase: prefixed(env.currentCoinbase),
    baseFee: london ? BigInt(env.currentBaseFee ?? usualBaseFee) : 0n,
    difficulty: BigInt(env.currentDifficulty ?? 0),
    ...(currentRandom === undefined ? {} : { prevRandao: word(currentRandom) }),
    excessBlobGas: BigInt(env.currentExcessBlobGas ?? 0),
    blockHashes: ancestorsOf(number),
  }
}

/** What runners of other clients take where a test of London or later gives none. */
const usualBaseFee = 10

/** Hex with its prefix, which some generators leave out; nothing at all is no bytes. */
export function prefixed(hex: string): string {
  return hex.startsWith('0x') ? hex : `0x${hex}`
}

/** 32 bytes of a number written with any number of digits. */
function word(hex: string): string {
  return `0x${BigInt(hex).toString(16).padStart(64, '0')}`
}

/** In state tests the hash of a block is keccak256 of its number in decimal digits. */
function ancestorsOf(number: bigint): ReadonlyMap<bigint, string> {
  const hashes = new Map<bigint, string>()
  const first = number - BigInt(blockHashWindow)
  for (let n = first > 0n ? first : 0n; n < number; n++) {
    const hash = keccak256(Buffer.from(n.toString(), 'latin1'))
    hashes.set(n, `0x${Buffer.from(hash).toString('hex')}`)
  }
  return hashes
}

/** The transaction of a case: as it was signed where the test says so, else by its fields. */
export function transactionOf(tx: StateTestTransaction, post: StateTestPost): TransactionSource {
  if (post.txbytes !== undefined) return Buffer.from(post.txbytes.slice(2), 'hex')
  const { data, gas, value } = post.indexes
  const accessList = tx.accessLists?.[data] ?? undefined
  return {
    sender: tx.sender ?? senderOf(tx.secretKey),
    nonce: quantity(tx.nonce),
    gasLimit: quantity(tx.gasLimit[gas]),
    value: quantity(tx.value[value]),
    to: tx.to === '' ? null : prefixed(tx.to),
    data: prefixed(tx.data[data]),
    ...(tx.gasPrice === undefined ? {} : { gasPrice: quantity(tx.gasPrice) }),
    ...(tx.maxFeePerGas === undefined ? {} : { maxFeePerGas: quantity(tx.maxFeePerGas) }),
    ...(tx.maxPriorityFeePerGas === undefined
      ? {}
      : { maxPriorityFeePerGas: quantity(tx.maxPriorityFeePerGas) }),
    ...(tx.maxFeePerBlobGas === undefined
      ? {}
      : { maxFeePerBlobGas: quantity(tx.maxFeePerBlobGas) }),
    ...(accessList === undefined ? {} : { accessList }),
    ...(tx.blobVersionedHashes === undefined
      ? {}
      : { blobVersionedHashes: tx.blobVersionedHashes }),
    ...(tx.authorizationList === undefined
      ? {}
      : {
          authorizationList: tx.authorizationList.map((authorization) => ({
            ...authorization,
            yParity: authorization.yParity ?? authorization.v,
          })),
        }),
  }
}

/** A number as it is written, but for none at all, which stands for zero. */
function quantity(hex: string): string {
  return hex === '0x' ? '0x0' : hex
}

const senders = new Map<string, string>()

/** The address of a secret key; tests use few of them. */
function senderOf(secretKey: string | undefined): string {
  if (secretKey === undefined) throw new Error('the test names neither sender nor secretKey')
  let sender = senders.get(secretKey)
  if (sender === undefined) {
    const key = Buffer.from(secretKey.slice(2).padStart(64, '0'), 'hex')
    sender = `0x${Buffer.from(addressOfSecretKey(key)).toString('hex')}`
    senders.set(secretKey, sender)
  }
  return sender
}
