/**
 * A node that knows one block of mainnet and the part of the state before it that the block reads: what
 * it answers to, and what `@ethereumjs/vm` finds out of each transaction for it.
 */

import { type Block, createBlockFromRLP } from '@ethereumjs/block'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import {
  Account,
  bytesToHex,
  createAddressFromString,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import { createVM, runTx, type VM } from '@ethereumjs/vm'
import { mainnetCommon } from '../../lib/chain/index.js'
import { trustingKzg } from '../../lib/cli/demo/trusting-kzg.js'
import { encodeBlock, type Hex, type RpcBlock } from '../../lib/index.js'
import { keccak256 } from '../../lib/native/load.js'
import { type Answering, Failure } from './node-server.js'

/** An account of the file. */
interface StoredAccount {
  readonly balance: Hex
  readonly nonce: Hex
  readonly code?: Hex
  readonly storage?: Readonly<Record<Hex, Hex>>
}

/** A file of the conformance data. */
export interface MainnetFile {
  readonly block: RpcBlock & { readonly hash: Hex }
  readonly preState: Readonly<Record<Hex, StoredAccount>>
  readonly blockHashes: Readonly<Record<string, Hex>>
}

interface AccessList {
  readonly accessList: readonly { readonly address: Hex; readonly storageKeys: readonly Hex[] }[]
}

/** What a node can do beside answering one question at a time. */
export interface Abilities {
  readonly traces: boolean
  readonly accessLists: boolean
}

/** The answers of such a node. */
export class MainnetNode {
  readonly file: MainnetFile
  /** What it can do. */
  abilities: Abilities = { traces: true, accessLists: true }
  /** Plain, and of `diffMode`. Made once: what is measured is how they are asked for. */
  readonly #traces: readonly unknown[]
  readonly #lists: ReadonlyMap<string, AccessList>
  readonly #zero = `0x${'00'.repeat(32)}`

  private constructor(file: MainnetFile, lists: ReadonlyMap<string, AccessList>) {
    this.file = file
    this.#lists = lists
    this.#traces = [this.#trace(false), this.#trace(true)]
  }

  static async of(file: MainnetFile): Promise<MainnetNode> {
    return new MainnetNode(file, await accessListsOf(file))
  }

  answer: Answering = (method, params) => {
    switch (method) {
      case 'eth_getBalance':
        return this.#account(params[0]).balance
      case 'eth_getTransactionCount':
        return this.#account(params[0]).nonce
      case 'eth_getCode':
        return this.#account(params[0]).code ?? '0x'
      case 'eth_getStorageAt':
        return this.#account(params[0]).storage?.[params[1] as Hex] ?? this.#zero
      case 'eth_getBlockByNumber':
        return this.#block(BigInt(params[0] as Hex))
      case 'debug_traceBlockByHash':
      case 'debug_traceBlockByNumber':
        if (!this.abilities.traces) throw notFound(method)
        return this.#traces[Number((params[1] as TraceMode).tracerConfig.diffMode)]
      case 'eth_createAccessList': {
        if (!this.abilities.accessLists) throw notFound(method)
        const list = this.#lists.get(callKey(params[0] as CallLike))
        if (list === undefined) throw new Failure(-32000, 'execution aborted')
        return list
      }
      default:
        throw notFound(method)
    }
  }

  #account(address: unknown): StoredAccount {
    return this.file.preState[address as Hex] ?? { balance: '0x0', nonce: '0x0' }
  }

  #block(number: bigint): unknown {
    const { block, blockHashes } = this.file
    if (number === BigInt(block.number)) return block
    const hash = blockHashes[String(number)] ?? block.parentHash
    const shown = { parentHash: this.#zero, stateRoot: this.#zero }
    return { ...shown, number: `0x${number.toString(16)}`, hash }
  }

  /** Everything as if the first transaction had looked at it: merged, that is what all traces tell. */
  #trace(diffMode: boolean): unknown {
    const { transactions } = this.file.block
    const accounts = Object.entries(this.file.preState).map(([address, account]) => {
      const { code, nonce, ...others } = account
      const codeHash =
        (code ?? '0x') !== '0x' && bytesToHex(keccak256(hexToBytes(code as PrefixedHexString)))
      return [address, { ...others, nonce: Number(nonce), ...(codeHash && { codeHash }) }]
    })
    const empty = diffMode ? { pre: {}, post: {} } : {}
    return transactions.map((_, i) => ({
      result: i === 0 && !diffMode ? Object.fromEntries(accounts) : empty,
    }))
  }
}

function notFound(method: string): Failure {
  return new Failure(-32601, `the method ${method} does not exist/is not available`)
}

interface TraceMode {
  readonly tracerConfig: { readonly diffMode: boolean }
}

interface CallLike {
  readonly from: string
  readonly to?: string
  readonly input: string
  readonly value: string
}

function callKey({ from, to, input, value }: CallLike): string {
  return [from, to ?? '', value, input].join()
}

/** The access list of every transaction, run alone on the state before the block. */
async function accessListsOf(file: MainnetFile): Promise<Map<string, AccessList>> {
  const common = mainnetCommon()
  const { number, timestamp } = file.block
  common.setHardforkBy({ blockNumber: BigInt(number), timestamp: BigInt(timestamp) })
  common.customCrypto.kzg = trustingKzg
  const block = createBlockFromRLP(encodeBlock(file.block), { common, setHardfork: true })
  const vm = await vmOn(file, block)
  const lists = new Map<string, AccessList>()
  for (const tx of block.transactions) {
    await vm.stateManager.checkpoint()
    const call = {
      from: tx.getSenderAddress().toString(),
      ...(tx.to && { to: tx.to.toString() }),
      input: bytesToHex(tx.data),
      value: `0x${tx.value.toString(16)}`,
    }
    try {
      const { accessList = [] } = await runTx(vm, {
        tx,
        block,
        skipNonce: true,
        skipBalance: true,
        skipHardForkValidation: true,
        skipBlockGasLimitValidation: true,
        reportAccessList: true,
      })
      lists.set(callKey(call), { accessList: accessList as AccessList['accessList'] })
    } finally {
      await vm.stateManager.revert()
    }
  }
  return lists
}

async function vmOn({ preState, blockHashes }: MainnetFile, { common }: Block): Promise<VM> {
  const stateManager = new SimpleStateManager({ common })
  for (const [key, { balance, nonce, code, storage = {} }] of Object.entries(preState)) {
    const address = createAddressFromString(key)
    await stateManager.putAccount(address, new Account(BigInt(nonce), BigInt(balance)))
    if (code !== undefined)
      await stateManager.putCode(address, hexToBytes(code as PrefixedHexString))
    for (const [slot, value] of Object.entries(storage)) {
      const bytes = (hex: string) => hexToBytes(hex as PrefixedHexString)
      await stateManager.putStorage(address, bytes(slot), bytes(value))
    }
  }
  const vm = await createVM({ common, stateManager })
  Object.assign(vm.blockchain, {
    getBlock: async (number: number) => ({
      hash: () => hexToBytes((blockHashes[number] ?? '0x00') as PrefixedHexString),
    }),
  })
  return vm
}
