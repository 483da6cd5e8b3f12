/** What `@ethereumjs/vm` makes of a chain. */

import { type Block, type BlockHeader, createBlockFromRLP } from '@ethereumjs/block'
import type { Common, StateManagerInterface } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { Account, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { createVM, runBlock, type VM } from '@ethereumjs/vm'
import { bytesToHex } from '../../../lib/hex/index.js'
import type { BuiltChain } from './build.js'
import { commonOf } from './forks.js'
import type { AccountRecipe, ChainRecipe } from './recipe.js'

/** Where and how the judge disagrees with a chain. */
export interface Disagreement {
  /** The position of the block in the recipe. */
  readonly block: number
  readonly text: string
}

/** Executes a chain; returns the first disagreement with what its headers say. */
export async function judge(chain: BuiltChain): Promise<Disagreement | undefined> {
  const common = commonOf(chain.recipe)
  const { genesis } = chain
  common.setHardforkBy({ blockNumber: 0n, timestamp: genesis.timestamp })
  const vm = await chainVm(chain, common)
  const root = bytesToHex(await vm.stateManager.getStateRoot())
  if (root !== genesis.stateRoot) {
    return { block: -1, text: `genesis state root: ${genesis.stateRoot}, judge ${root}` }
  }
  const hashes = new Map([[0n, hexToBytes(genesis.hash)]])
  Object.assign(vm.blockchain, {
    getBlock: async (number: number) => ({ hash: () => hashes.get(BigInt(number)) }),
  })
  let parent: BlockHeader | undefined
  for (const [index, rlp] of chain.blocks.entries()) {
    try {
      const block = createBlockFromRLP(rlp, { common: common.copy(), setHardfork: true })
      const text = (await runOne(vm, block)) ?? (parent && headerDisagreement(block.header, parent))
      if (text !== undefined) return { block: index, text }
      hashes.set(block.header.number, block.hash())
      parent = block.header
    } catch (error) {
      return { block: index, text: `the judge fails: ${String(error)}` }
    }
  }
  return undefined
}

/** A VM of `@ethereumjs/vm` on the state before a chain. */
export async function chainVm({ recipe }: BuiltChain, common: Common): Promise<VM> {
  const stateManager = new MerkleStateManager({ common })
  await fillState(stateManager, recipe)
  return createVM({ common, stateManager, setHardfork: true })
}

/** Puts the accounts of the genesis block into a state. */
export async function fillState(
  state: StateManagerInterface,
  { alloc }: ChainRecipe,
): Promise<void> {
  await state.checkpoint()
  for (const [address, account] of Object.entries(alloc)) {
    await putAccount(state, address, account)
  }
  await state.commit()
}

async function putAccount(
  state: StateManagerInterface,
  address: string,
  { balance = '0x0', nonce = '0x0', code, storage = {} }: AccountRecipe,
): Promise<void> {
  const key = createAddressFromString(address)
  await state.putAccount(key, new Account(BigInt(nonce), BigInt(balance)))
  if (code !== undefined) await state.putCode(key, hexToBytes(code))
  for (const [slot, value] of Object.entries(storage)) {
    const bytes = hexToBytes(`0x${BigInt(slot).toString(16).padStart(64, '0')}`)
    const word = hexToBytes(`0x${BigInt(value).toString(16).padStart(64, '0')}`)
    await state.putStorage(key, bytes, word.subarray(word.findIndex((byte) => byte !== 0)))
  }
}

async function runOne(vm: VM, block: Block): Promise<string | undefined> {
  const { header } = block
  const result = await runBlock(vm, {
    block,
    generate: true,
    skipHeaderValidation: true,
    skipHardForkValidation: true,
  })
  const claims = [
    ['gasUsed', header.gasUsed, result.gasUsed],
    ['receiptsRoot', bytesToHex(header.receiptTrie), bytesToHex(result.receiptsRoot)],
    ['logsBloom', bytesToHex(header.logsBloom), bytesToHex(result.logsBloom)],
    [
      'requestsHash',
      header.requestsHash && bytesToHex(header.requestsHash),
      result.requestsHash && bytesToHex(result.requestsHash),
    ],
    ['stateRoot', bytesToHex(header.stateRoot), bytesToHex(result.stateRoot)],
  ] as const
  const differences = claims.filter(([, ours, theirs]) => ours !== theirs)
  if (differences.length === 0) return undefined
  const gas = result.receipts.map(({ cumulativeBlockGasUsed }) => String(cumulativeBlockGasUsed))
  return [
    `hardfork ${vm.common.hardfork()}`,
    ...differences.map(([name, ours, theirs]) => `${name}: ${ours}, judge ${theirs}`),
    `cumulative gas of the judge: ${gas.join(' ')}`,
  ].join('; ')
}

/** The judge's own rules for what headers take from their parents. */
function headerDisagreement(header: BlockHeader, parent: BlockHeader): string | undefined {
  const { common } = header
  const has = (eip: number): boolean =>
    common.isActivatedEIP(eip) && parent.common.isActivatedEIP(eip)
  if (common.consensusType() === 'pow') {
    const difficulty = header.ethashCanonicalDifficulty(parent)
    if (difficulty !== header.difficulty)
      return `difficulty: ${header.difficulty}, judge ${difficulty}`
  }
  if (has(1559)) {
    const fee = parent.calcNextBaseFee()
    if (fee !== header.baseFeePerGas) return `baseFeePerGas: ${header.baseFeePerGas}, judge ${fee}`
  }
  if (has(4844)) {
    const excess = parent.calcNextExcessBlobGas(common)
    if (excess !== header.excessBlobGas)
      return `excessBlobGas: ${header.excessBlobGas}, judge ${excess}`
  }
  return undefined
}
