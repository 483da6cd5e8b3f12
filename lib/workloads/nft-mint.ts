/** A block of mints: OpenZeppelin's ERC-721 contract that counts its tokens itself. */

import type { Hex } from '../hex/index.js'
import { encodeCall } from './abi.js'
import { initCodeOf } from './artifacts.js'
import { makeBlock } from './block.js'
import type { Call } from './calls.js'
import { addressOf, sendersOf } from './cast.js'
import { richAlloc, Stage } from './stage.js'
import { resolveKnobs, type Workload, type WorkloadOptions } from './workload.js'

const artifact = 'build/contracts/ERC721PresetMinterPauserAutoId.json'
/** keccak-256 of `MINTER_ROLE`. */
const minterRole: Hex = '0x9f2df0fed2c77648de5860a4cc508cd0818c85b8b8a1ab4ceeef8d981c8956a6'
const mint = 'mint(address)'

/** A mint uses about 150,000: it fills six slots. */
const gasLimit = 250_000

/** About 30 million gas. */
const usualCount = 200

/** Everybody mints the next token of one collection for itself: all meet in two counters. */
export async function nftMint(options: WorkloadOptions): Promise<Workload> {
  const { transactions, accounts, seed } = resolveKnobs(options, { transactions: usualCount })
  const creator = addressOf('creator', 0, seed)
  const minters = sendersOf('minter', accounts, seed)
  const addresses = minters.map(({ address }) => address)
  const { state, collection } = await Stage.set(richAlloc(addresses), async (stage) => {
    const initCode = initCodeOf('@openzeppelin/contracts', artifact)
    const texts = ['Collection', 'C', 'https://example.org/'].map((text) => ({ text }))
    const collection = await stage.deploy(creator, initCode, ...texts)
    for (const minter of addresses) {
      await stage.call(creator, collection, 'grantRole(bytes32,address)', minterRole, minter)
    }
    await stage.call(creator, collection, mint, creator)
    return { state: stage.state, collection }
  })
  const calls = Array.from({ length: transactions }, (_, index): Call => {
    const from = minters[index % accounts]
    return { from, to: collection, gasLimit, data: encodeCall(mint, from.address) }
  })
  return makeBlock('nft-mint', state, calls)
}
