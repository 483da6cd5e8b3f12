/**
 * The transaction vectors through the whole pipeline: decoded, packed and executed under every fork
 * that a vector names, by a sender that can pay.
 */

import { readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock, packBlock } from '../lib/block/index.js'
import { type Ruleset, rulesetForFork } from '../lib/chain/index.js'
import { isExpected } from '../lib/cli/blocktest/rejection.js'
import type { ErrorCode as PublicErrorCode } from '../lib/error-codes.js'
import { type BraidError, errorFor, isBraidError } from '../lib/errors.js'
import { keccak256, NativeEngine, NativeState, recoverAddresses } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockInput, BlockOutput, ErrorCode, Receipt, Transaction } from '../lib/native/wire.js'
import { fixturePath, readFixture, withFixtures } from './fixtures.js'
import { packState } from './support/packed.js'
import { blockAround } from './support/raw-block.js'

const vectorSuite = suite('transaction fixtures')
const fixtures = withFixtures(vectorSuite, 'transaction fixtures')

interface ForkResult {
  readonly hash?: string
  readonly sender?: string
  readonly intrinsicGas?: string
  readonly exception?: string
}

interface TransactionVector {
  readonly txbytes: string
  readonly result: Record<string, ForkResult>
}

interface Execution {
  /** What the transaction is refused with; undefined where it is valid. */
  readonly error?: BraidError
  /** Whether it is well-formed, but beyond what any block or any balance allows. */
  readonly isImpossible?: boolean
  readonly hash?: string
  readonly sender?: string
  readonly gasUsed?: bigint
  /** Whether only the intrinsic gas can be used: there is no code to run. */
  readonly isPlain?: boolean
}

const engine = new NativeEngine()

const codeNames = new Map<number, string>(
  Object.entries(ErrorCode).map(([name, number]) => [number, name]),
)

function execute(raw: Uint8Array, ruleset: Ruleset): Execution {
  let block: ReturnType<typeof decodeBlock>
  let input: Uint8Array
  try {
    block = decodeBlock(blockAround(raw, ruleset.revision))
    input = packBlock(block, ruleset, { forgiveMissingSystemContracts: true })
  } catch (error) {
    if (isBraidError(error)) return { error }
    throw error
  }
  const reader = new PackedReader(input)
  const at = reader.sectionOffset(BlockInput.transactions)
  // A vector is a transaction alone. No block has room for 2^63 gas and more (EIP-1985), and no
  // balance is above 2^256.
  const gasLimit = reader.u64(at + Transaction.gasLimit)
  const gasCost = gasLimit * reader.u256(at + Transaction.maxFeePerGas)
  const cost = gasCost + reader.u256(at + Transaction.value)
  if (gasLimit >> 63n !== 0n || (gasCost >> 256n === 0n && cost >> 256n !== 0n)) {
    return { isImpossible: true }
  }
  const sender = recoverSender(reader, at)
  const state = new NativeState()
  if (sender !== undefined) {
    const balance = (1n << 256n) - 1n
    state.load(packState([{ address: sender, balance, nonce: block.transactions.nonce(0) }]))
  }
  const output = new PackedReader(engine.executeSync(state, input))
  const number = output.u32(BlockOutput.error)
  if (number !== ErrorCode.OK) {
    assert.is(output.i32(BlockOutput.errorTransaction), 0)
    return { error: errorFor(codeNames.get(number) as PublicErrorCode) }
  }
  const receipt = output.sectionOffset(BlockOutput.receipts)
  const to = block.transactions.to(0)
  return {
    hash: block.transactions.hash(0),
    sender: output.hex(receipt + Receipt.sender, 20),
    gasUsed: output.u64(receipt + Receipt.gasUsed),
    isPlain: to !== null && BigInt(to) > 0x200n,
  }
}

/** The signer, whatever the fork says about the signature. */
function recoverSender(reader: PackedReader, at: number): Uint8Array | undefined {
  const payload = reader.slice(
    reader.sectionOffset(BlockInput.pool) + reader.u32(at + Transaction.payloadOffset),
    reader.u32(at + Transaction.payloadSize),
  )
  const signature = new Uint8Array(97)
  signature.set(keccak256(payload))
  signature.set(reader.slice(at + Transaction.r, 64), 32)
  signature[96] = reader.u8(at + Transaction.yParity)
  const recovered = recoverAddresses(signature)
  return recovered[0] === 1 ? recovered.slice(1) : undefined
}

fixtures.test('every vector under every fork', () => {
  const names = readdirSync(fixturePath('transaction_tests'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.json.gz'))
  let valid = 0
  let refused = 0
  let leftOut = 0
  for (const file of names) {
    const vectors = readFixture<Record<string, TransactionVector>>('transaction_tests', file)
    for (const [name, { txbytes, result }] of Object.entries(vectors)) {
      const raw = Uint8Array.from(Buffer.from(txbytes.slice(2), 'hex'))
      for (const [fork, expected] of Object.entries(result)) {
        const title = `${name} ${fork}`
        const actual = execute(raw, rulesetForFork(fork))
        if (actual.isImpossible) {
          leftOut++
          continue
        }
        if (expected.exception === undefined) {
          valid++
          assert.is(actual.error, undefined, title)
          assert.is(actual.hash, expected.hash, title)
          assert.is(actual.sender, expected.sender, title)
          if (actual.isPlain) assert.is(actual.gasUsed, BigInt(expected.intrinsicGas ?? -1), title)
        } else {
          refused++
          assert.ok(actual.error !== undefined, `${title}: ${expected.exception}`)
          const said = `${title}: ${actual.error.message} for ${expected.exception}`
          assert.ok(isExpected(actual.error, expected.exception), said)
        }
      }
    }
  }
  assert.ok(leftOut < 100, `${leftOut} left out`)
  assert.ok(valid > 500 && refused > 1500, `${valid} valid, ${refused} refused`)
})

fixtures.report()
vectorSuite.run()
