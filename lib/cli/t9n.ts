/** `braid t9n`: whether encodings are transactions of a fork, as geth's `evm t9n` says it. */

import { RLP } from '@ethereumjs/rlp'
import { packTransition } from '../block/index.js'
import { Revision, type Ruleset } from '../chain/index.js'
import { isBraidError } from '../errors.js'
import { bytesToHex, type Hex, quantity, uint256ToBytes } from '../hex/index.js'
import { keccak256, recoverAddresses } from '../native/load.js'
import { print } from './console.js'
import { gethDecodeText, invalidSignature, isUnreadable } from './evm-tool/decode-text.js'
import { ToolInputs } from './evm-tool/inputs.js'
import { ToolError, ToolExitCode } from './evm-tool/tool-error.js'
import { encodingsIn } from './evm-tool/transactions.js'
import { rulesetNamed } from './t8n.js'
import { floorGas, intrinsicGas } from './t9n/gas.js'
import { fieldsOf, numberOf, type ReadTransaction } from './t9n/transaction.js'

/** The options of the command: geth's. */
export interface TransactionOptions {
  readonly 'input.txs': string
  readonly 'state.fork': string
  readonly 'state.chainid': bigint
}

/** What is said of an encoding. */
interface Verdict {
  readonly error?: string
  readonly address?: Hex
  readonly hash?: Hex
  readonly intrinsicGas?: Hex
}

/** Runs the command. */
export async function checkTransactions(options: TransactionOptions): Promise<void> {
  const ruleset = rulesetNamed(options['state.fork'], options['state.chainid'])
  const path = options['input.txs']
  if (path !== 'stdin' && !path.endsWith('.rlp')) {
    throw new ToolError(ToolExitCode.Io, 'only rlp supported')
  }
  const body = Buffer.from(new ToolInputs().hex(path, 'txsRlp').slice(2), 'hex')
  checkList(body)
  const encodings = encodingsIn(body)
  const verdicts = encodings.map((encoding) => verdictOn(encoding, ruleset))
  print(JSON.stringify(verdicts, undefined, 2))
}

/** Throws where bytes are no list in RLP, whatever is in it. */
function checkList(body: Buffer): void {
  try {
    if (Array.isArray(RLP.decode(body))) return
  } catch {
    // Told below.
  }
  throw new ToolError(ToolExitCode.Io, 'the transactions are no list in RLP')
}

/** The first revision that has a type of transactions. */
const firstOfType = [0, Revision.Berlin, Revision.London, Revision.Cancun, Revision.Prague]

function verdictOn(encoding: Uint8Array, ruleset: Ruleset): Verdict {
  const unreadable = unreadableText(encoding, ruleset)
  if (unreadable !== undefined) return { error: unreadable }
  const hash = bytesToHex(keccak256(encoding))
  const tx = fieldsOf(encoding)
  if (ruleset.revision < firstOfType[tx.type]) {
    return { error: 'transaction type not supported', hash }
  }
  const sender = senderOf(tx, ruleset)
  if (!sender.startsWith('0x')) return { error: sender, hash }
  const gas = intrinsicGas(tx, ruleset.revision)
  const known = { address: sender as Hex, hash, intrinsicGas: quantity(gas) }
  const error = problemOf(tx, gas, ruleset.revision)
  return error === undefined ? known : { error, ...known }
}

/** Why an encoding is no transaction; undefined where it is one. Numbers may have any size. */
function unreadableText(encoding: Uint8Array, ruleset: Ruleset): string | undefined {
  if (encoding.length <= 1) return 'typed transaction too short'
  try {
    packTransition(nowhere, ruleset, [encoding])
    return undefined
  } catch (error) {
    if (!isBraidError(error)) throw error
    const text = gethDecodeText(encoding, error)
    const isWide = text.endsWith('exceeds 256 bits') || text === invalidSignature
    return !isUnreadable(error) || isWide ? undefined : text
  }
}

const nowhere = {
  number: 1n,
  timestamp: 0n,
  gasLimit: 0n,
  baseFee: 0n,
  excessBlobGas: 0n,
  coinbase: `0x${'00'.repeat(20)}`,
  prevRandao: new Uint8Array(32),
  reward: undefined,
  withdrawals: [],
  ommers: [],
  blockHashes: {},
  parentHash: undefined,
  beaconRoot: undefined,
}

/** Half of the order of secp256k1 (EIP-2). */
const mostS = 0x7fffffff_ffffffff_ffffffff_ffffffff_5d576e73_57a4501d_dfe92f46_681b20a0n

/** Who signed a transaction, or why nobody can have. */
function senderOf({ type, items }: ReadTransaction, { revision, chainId }: Ruleset): string {
  const [v, r, s] = items.slice(-3).map(numberOf)
  const unsigned = items.slice(0, -3)
  const isBound = type === 0 && v >= 35n
  const own = type === 0 ? (v - 35n) / 2n : numberOf(items[0])
  if (isBound && revision < Revision.SpuriousDragon) return invalidSignature
  if ((isBound || type !== 0) && own !== chainId) {
    return `invalid chain id for signer: have ${own} want ${chainId}`
  }
  const parity = type !== 0 ? v : isBound ? (v - 35n) % 2n : v - 27n
  const isHigh = revision >= Revision.Homestead && s > mostS
  const fits = r >> 256n === 0n && s >> 256n === 0n && (parity === 0n || parity === 1n)
  if (!fits || isHigh) return invalidSignature
  const list = RLP.encode(
    (isBound ? [...unsigned, own, 0n, 0n] : unsigned) as Parameters<typeof RLP.encode>[0],
  )
  const payload = type === 0 ? list : Buffer.concat([Uint8Array.of(type), list])
  const parts = [keccak256(payload), uint256ToBytes(r), uint256ToBytes(s)]
  const signature = Buffer.concat([...parts, Uint8Array.of(Number(parity))])
  const [isKnown, ...address] = recoverAddresses(signature)
  return isKnown === 1 ? `0x${Buffer.from(address).toString('hex')}` : invalidSignature
}

/** EIP-7825. */
const mostGas = 1n << 24n
/** EIP-3860. */
const mostInitCode = 49_152

function problemOf(tx: ReadTransaction, intrinsic: bigint, revision: number): string | undefined {
  const { gas, gasPrice, maxFeePerGas, maxPriorityFeePerGas, nonce, value } = tx
  if (gas < intrinsic) return `intrinsic gas too low: have ${gas}, want ${intrinsic}`
  const floor = floorGas(tx, revision)
  if (gas < floor) {
    return `insufficient gas for floor data gas cost: have ${gas}, want ${floor}`
  }
  const isWide = (number: bigint) => number >> 256n !== 0n
  if (revision >= Revision.Osaka && gas > mostGas) return 'gas limit exceeds maximum'
  if (tx.to.length === 0 && revision >= Revision.Shanghai && tx.data.length > mostInitCode) {
    return `max initcode size exceeded: code size ${tx.data.length} limit ${mostInitCode}`
  }
  if (nonce === (1n << 64n) - 1n) return 'nonce exceeds 2^64-1'
  if (isWide(value)) return 'value exceeds 256 bits'
  if (isWide(gasPrice)) return 'gasPrice exceeds 256 bits'
  if (isWide(maxPriorityFeePerGas)) return 'maxPriorityFeePerGas exceeds 256 bits'
  if (maxFeePerGas < maxPriorityFeePerGas) return 'maxFeePerGas < maxPriorityFeePerGas'
  if (isWide(gasPrice * gas)) return 'gas * gasPrice exceeds 256 bits'
  return undefined
}
