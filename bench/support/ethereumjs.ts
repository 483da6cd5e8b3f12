/** Runs blocks on `@ethereumjs/vm`, given every advantage that its interfaces allow. */

import { createBlockFromRLP } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import {
  Account,
  type Address,
  bytesToHex,
  createAddressFromString,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import { createVM, type RunBlockResult, runBlock, type VM } from '@ethereumjs/vm'
import { trustingKzg } from '../../lib/cli/demo/trusting-kzg.js'
import { keccak256 } from '../../lib/native/load.js'
import type { MainnetBlock } from './fixtures.js'

const nothing = new Uint8Array(0)

/** The values of a checkpoint that are to come back if it is reverted. */
type Undo = () => void

/**
 * A state in plain maps with a list of what to undo. `SimpleStateManager` itself copies all of its
 * maps at every checkpoint, which costs it most of a block's time; this one's checkpoints are free.
 */
class UndoStateManager extends SimpleStateManager {
  readonly #accounts = new Map<string, Account>()
  readonly #codes = new Map<string, Uint8Array>()
  readonly #storage = new Map<string, Map<string, Uint8Array>>()
  readonly #undo: Undo[] = []
  readonly #checkpoints: number[] = []
  readonly #stateRoot: Uint8Array

  /** @param stateRoot what to tell the VM that the root is: computing it is not what is measured */
  constructor(common: Common, stateRoot: Uint8Array) {
    super({ common })
    this.#stateRoot = stateRoot
  }

  override async getAccount(address: Address): Promise<Account | undefined> {
    const account = this.#accounts.get(address.toString())
    // The VM writes to what it is given, before it puts it back or does not.
    return (
      account && new Account(account.nonce, account.balance, account.storageRoot, account.codeHash)
    )
  }

  override async putAccount(address: Address, account?: Account): Promise<void> {
    this.#set(this.#accounts, address.toString(), account)
  }

  override async deleteAccount(address: Address): Promise<void> {
    this.#set(this.#accounts, address.toString(), undefined)
    this.#set(this.#codes, address.toString(), undefined)
    this.#set(this.#storage, address.toString(), undefined)
  }

  override async getCode(address: Address): Promise<Uint8Array> {
    return this.#codes.get(address.toString()) ?? nothing
  }

  override async putCode(address: Address, code: Uint8Array): Promise<void> {
    this.#set(this.#codes, address.toString(), code)
    const account = (await this.getAccount(address)) ?? new Account()
    account.codeHash = keccak256(code)
    await this.putAccount(address, account)
  }

  override async getStorage(address: Address, key: Uint8Array): Promise<Uint8Array> {
    return this.#storage.get(address.toString())?.get(bytesToHex(key)) ?? nothing
  }

  override async putStorage(address: Address, key: Uint8Array, value: Uint8Array): Promise<void> {
    let slots = this.#storage.get(address.toString())
    if (slots === undefined) {
      slots = new Map()
      this.#storage.set(address.toString(), slots)
    }
    this.#set(slots, bytesToHex(key), value)
  }

  override async clearStorage(address: Address): Promise<void> {
    this.#set(this.#storage, address.toString(), undefined)
  }

  override async checkpoint(): Promise<void> {
    this.#checkpoints.push(this.#undo.length)
  }

  override async commit(): Promise<void> {
    this.#checkpoints.pop()
  }

  override async revert(): Promise<void> {
    const mark = this.#checkpoints.pop()!
    while (this.#undo.length > mark) this.#undo.pop()!()
  }

  override async getStateRoot(): Promise<Uint8Array> {
    return this.#stateRoot
  }

  #set<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
    const before = map.get(key)
    this.#undo.push(() => put(map, key, before))
    put(map, key, value)
  }
}

function put<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

/** A run of a block. */
export interface EthereumjsRun {
  /** From the RLP bytes to the compared header. */
  readonly milliseconds: number
  readonly result: RunBlockResult
}

/**
 * Runs a block from its RLP bytes: decoding, block and signature validation, execution, receipts and
 * their root. The state is filled, and the VM made, before the clock starts.
 *
 * From Byzantium on the VM compares gas used, bloom, receipts root and requests hash with the header
 * and throws where one differs. Before, its receipts need state roots of the whole chain.
 *
 * @param follow is told of the VM before the block runs, to listen to what happens in it
 */
export async function runEthereumjs(
  block: MainnetBlock,
  chain: Common,
  header: { readonly stateRoot: string; readonly number: bigint; readonly timestamp: bigint },
  follow?: (vm: VM) => void,
): Promise<EthereumjsRun> {
  const common = chain.copy()
  const { number, timestamp } = header
  common.setHardforkBy({ blockNumber: number, timestamp })
  common.customCrypto.kzg = trustingKzg
  const stateManager = new UndoStateManager(
    common,
    hexToBytes(header.stateRoot as PrefixedHexString),
  )
  await fill(stateManager, block)
  const vm = await createVM({ common, stateManager, blockchain: blockchainOf(block) })
  const generate = !common.gteHardfork('byzantium')
  follow?.(vm)

  const start = performance.now()
  const decoded = createBlockFromRLP(block.rlp, { common })
  const result = await runBlock(vm, {
    block: decoded,
    generate,
    skipHeaderValidation: true,
    skipBlockValidation: block.missingOmmers > 0,
  })
  return { milliseconds: performance.now() - start, result }
}

/** What BLOCKHASH asks. */
export function blockchainOf({ blockHashes }: MainnetBlock) {
  const blockchain = {
    async getBlock(number: number) {
      const hash = blockHashes[String(number)]
      if (hash === undefined) throw new Error(`the data has no hash of block ${number}`)
      return { hash: () => hexToBytes(hash as PrefixedHexString) }
    },
    async putBlock() {},
    shallowCopy: () => blockchain,
  }
  return blockchain
}

async function fill(state: SimpleStateManager, { preState }: MainnetBlock): Promise<void> {
  for (const [key, { balance, nonce, code, storage }] of Object.entries(preState)) {
    const address = createAddressFromString(key)
    await state.putAccount(address, new Account(BigInt(nonce ?? 0), BigInt(balance ?? 0)))
    if (typeof code === 'string' && code.length > 2) {
      await state.putCode(address, hexToBytes(code as PrefixedHexString))
    }
    for (const [slot, value] of Object.entries(storage ?? {})) {
      await state.putStorage(address, hexToBytes(slot as PrefixedHexString), trimmed(String(value)))
    }
  }
}

/** The value without leading zeros, as state managers keep it. */
function trimmed(value: string): Uint8Array {
  const bytes = hexToBytes(value as PrefixedHexString)
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? nothing : bytes.subarray(first)
}
