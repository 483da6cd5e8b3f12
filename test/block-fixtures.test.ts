/** Blocks and transactions of the conformance data: what is well-formed decodes, with its hashes. */

import { readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  decodeBlock,
  encodeBlock,
  packBlock,
  type RpcBlock,
  type RpcTransaction,
} from '../lib/block/index.js'
import { type BlockHashes, mainnetCommon, Revision, rulesetAt } from '../lib/chain/index.js'
import { type BraidError, isBraidError } from '../lib/errors.js'
import { keccak256, recoverAddresses } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockInput, Transaction } from '../lib/native/wire.js'
import { listRoot } from '../lib/trie/list-root.js'
import { fixtureNames, fixturePath, readFixture, withFixtures } from './fixtures.js'
import { blockAround } from './support/raw-block.js'

const fixtureSuite = suite('block fixtures')
const fixtures = withFixtures(fixtureSuite, 'block fixtures')

const hexOf = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))

type KnownTransaction = RpcTransaction & { readonly hash: string; readonly from: string }

interface MainnetFixture {
  readonly block: Omit<RpcBlock, 'transactions'> & {
    readonly hash: string
    readonly transactions: readonly KnownTransaction[]
  }
  readonly blockHashes?: BlockHashes
}

/** The senders of a packed block, recovered from the payloads and signatures in it. */
function sendersOf(input: Uint8Array): string[] {
  const reader = new PackedReader(input)
  const pool = reader.sectionOffset(BlockInput.pool)
  const count = reader.sectionCount(BlockInput.transactions)
  const signatures = new Uint8Array(97 * count)
  for (let i = 0; i < count; i++) {
    const at = reader.sectionOffset(BlockInput.transactions) + i * Transaction.SIZE
    const payload = reader.slice(
      pool + reader.u32(at + Transaction.payloadOffset),
      reader.u32(at + Transaction.payloadSize),
    )
    signatures.set(keccak256(payload), 97 * i)
    signatures.set(reader.slice(at + Transaction.r, 64), 97 * i + 32)
    signatures[97 * i + 96] = reader.u8(at + Transaction.yParity)
  }
  const recovered = recoverAddresses(signatures)
  return Array.from({ length: count }, (_, i) => hexOf(recovered.subarray(21 * i + 1, 21 * i + 21)))
}

for (const folder of ['mainnet_blocks', 'mainnet_blocks_no_state', 'witness_blocks']) {
  fixtures.test(`${folder}: hashes, roots and senders`, () => {
    const common = mainnetCommon()
    const names = fixtureNames(folder)
    assert.ok(names.length > 0)
    for (const name of names) {
      const { block, blockHashes } = readFixture<MainnetFixture>(folder, name)
      const encoded = encodeBlock(block)
      for (const source of [block, encoded]) {
        const decoded = decodeBlock(source)
        assert.is(decoded.hash, block.hash, name)
        const { transactions, withdrawals, header } = decoded
        assert.equal(
          transactions.hashes,
          block.transactions.map(({ hash }) => hash),
          name,
        )
        const root = hexOf(listRoot(transactions.encodings.toArray()))
        assert.is(root, header.transactionsRoot, name)
        if (withdrawals !== undefined) {
          const root = hexOf(listRoot(withdrawals.encodings.toArray()))
          assert.is(root, header.withdrawalsRoot, name)
        }
        if (decoded.missingOmmers === 0 && source === encoded && block.uncles?.length === 0) {
          assert.is(hexOf(keccak256(decoded.ommersEncoding)), header.ommersHash, name)
        }
        const ruleset = rulesetAt(common, decoded.number, decoded.timestamp)
        const input = packBlock(decoded, ruleset, { blockHashes })
        if (source !== encoded) continue
        assert.equal(
          sendersOf(input),
          block.transactions.map(({ from }) => from),
          name,
        )
      }
    }
  })
}

interface TransactionVector {
  readonly txbytes: string
  readonly result: Record<string, { readonly hash?: string; readonly exception?: string }>
}

/** Reasons that are for the executor: the form of these transactions is right. */
const validity =
  /GAS_TOO_LOW|PRODUCT_OVERFLOW|PRIORITY_GREATER|NONCE_TOO_BIG|INVALID_CHAINID|SIGNATURE_VRS|EC_RECOVERY|TYPE_NOT_SUPPORTED|INITCODE/

fixtures.test('transaction_tests: well-formed transactions decode, malformed ones do not', () => {
  const names = readdirSync(fixturePath('transaction_tests'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.json.gz'))
  let accepted = 0
  let refused = 0
  for (const file of names) {
    const vectors = readFixture<Record<string, TransactionVector>>('transaction_tests', file)
    for (const [name, { txbytes, result }] of Object.entries(vectors)) {
      const raw = bytesOf(txbytes)
      const outcome = attempt(() =>
        decodeBlock(blockAround(raw, Revision.Prague)).transactions.hash(0),
      )
      const results = Object.values(result)
      const hash = results.find((one) => one.hash !== undefined)?.hash
      if (hash !== undefined) assert.is(outcome, hash, name)
      if (typeof outcome === 'string') {
        accepted++
        if (hash === undefined) {
          assert.ok(
            results.some(({ exception }) => validity.test(exception ?? '')),
            name,
          )
        }
      } else {
        refused++
        assert.type(outcome.details.txIndex, 'number', name)
      }
    }
  }
  assert.ok(accepted > 90 && refused > 90, `${accepted} accepted, ${refused} refused`)
})

/** What a call gives, or the error of this package that it throws. */
function attempt<Result>(run: () => Result): Result | BraidError {
  try {
    return run()
  } catch (error) {
    if (isBraidError(error)) return error
    throw error
  }
}

interface BlockVector {
  readonly blocks: readonly {
    readonly rlp: string
    readonly blockHeader?: { readonly hash: string }
    readonly transactions?: readonly unknown[]
  }[]
}

/** A spread of block tests: every fork, all kinds of transactions, invalid blocks. */
const blockFolders: readonly (readonly string[])[] = [
  ['blockchain_tests'],
  ['legacy_tests', 'Constantinople', 'BlockchainTests'],
  ['eest', 'blockchain_tests'],
]
/** Of the files of a folder, one in so many is read. */
const every = 12

fixtures.test('blockchain_tests: valid blocks decode with their hashes, others never crash', () => {
  let valid = 0
  let invalid = 0
  for (const folder of blockFolders) {
    const names = readdirSync(fixturePath(...folder), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.json.gz'))
      .sort()
    for (let i = 0; i < names.length; i += every) {
      const vectors = readFixture<Record<string, BlockVector>>(...folder, names[i])
      for (const [name, { blocks }] of Object.entries(vectors)) {
        for (const block of blocks) {
          const expected = Object.keys(block).some((key) => key.startsWith('expectException'))
          const source = bytesOf(block.rlp)
          if (expected) {
            invalid++
            attempt(() => decodeBlock(source))
          } else {
            valid++
            const decoded = decodeBlock(source)
            assert.is(decoded.hash, block.blockHeader?.hash, name)
            assert.is(decoded.transactions.length, block.transactions?.length, name)
          }
        }
      }
    }
  }
  assert.ok(valid > 500, `${valid} valid, ${invalid} invalid blocks`)
})

fixtures.report()
fixtureSuite.run()
