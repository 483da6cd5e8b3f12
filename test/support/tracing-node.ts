/**
 * A node of a made chain: it answers for blocks and past states, and traces like `prestateTracer` does,
 * with the same gaps: no code that delegations point to, nothing that system calls alone touch, no empty
 * accounts, no hashes of ancestors. `@ethereumjs/vm` executes the blocks.
 */

import { type Block, createBlockFromRLP } from '@ethereumjs/block'
import { Account, type Address, bytesToHex, createAddressFromString } from '@ethereumjs/util'
import { runBlock, type VM } from '@ethereumjs/vm'
import { type Hex, quantity } from '../../lib/hex/index.js'
import type { BuiltChain } from './chain-generator/build.js'
import { commonOf } from './chain-generator/forks.js'
import { chainVm } from './chain-generator/judge.js'
import { rpcBlockOf, rpcHeaderOf } from './rpc.js'

interface SeenAccount {
  balance?: Hex
  nonce?: number
  code?: Hex
  storage?: Record<Hex, Hex>
}
type Seen = Record<Hex, SeenAccount>

interface TracedBlock {
  readonly block: Block
  readonly prestates: Seen[]
  readonly changes: { pre: Seen; post: Seen }[]
  /** A VM on the state before the block. */
  readonly before: VM
}

/** Executes a chain, and keeps what is needed to answer for each of its blocks. */
export class TracingNode {
  readonly #blocks = new Map<bigint, TracedBlock>()
  readonly #hashes = new Map<bigint, Hex>()
  /** How often each method was asked. */
  readonly asked = new Map<string, number>()
  /** Whether it can trace. */
  traces = true
  /** What an answer to a trace is made into: for nodes that tell something else. */
  alter: (trace: unknown) => unknown = (trace) => trace

  static async of(chain: BuiltChain): Promise<TracingNode> {
    const node = new TracingNode()
    const common = commonOf(chain.recipe)
    common.setHardforkBy({ blockNumber: 0n, timestamp: chain.genesis.timestamp })
    const vm = await chainVm(chain, common)
    node.#hashes.set(0n, chain.genesis.hash)
    Object.assign(vm.blockchain, {
      getBlock: async (number: number) => ({
        hash: () => Buffer.from((node.#hashes.get(BigInt(number)) ?? '0x').slice(2), 'hex'),
      }),
    })
    for (const rlp of chain.blocks) {
      const block = createBlockFromRLP(rlp, { common: common.copy(), setHardfork: true })
      await node.#execute(vm, block)
    }
    return node
  }

  request = async ({ method, params }: { method: string; params: unknown[] }): Promise<unknown> => {
    this.asked.set(method, (this.asked.get(method) ?? 0) + 1)
    switch (method) {
      case 'eth_getBlockByHash':
      case 'eth_getBlockByNumber': {
        const traced = this.#find(params[0] as Hex)
        if (traced !== undefined) return rpcBlock(traced.block)
        const hash = this.#hashes.get(BigInt(params[0] as Hex))
        const word = `0x${'00'.repeat(32)}`
        const shown = { number: params[0], parentHash: word, stateRoot: word }
        return hash === undefined ? null : { ...shown, hash }
      }
      case 'eth_getUncleByBlockHashAndIndex':
        return rpcHeaderOf(
          this.#known(params[0] as Hex).block.uncleHeaders[Number(params[1] as Hex)],
        )
      case 'debug_traceBlockByHash':
      case 'debug_traceBlockByNumber': {
        if (!this.traces) throw new Error(`the method ${method} is not available`)
        const { prestates, changes } = this.#known(params[0] as Hex)
        const { tracerConfig } = params[1] as { tracerConfig: { diffMode: boolean } }
        const results: unknown[] = tracerConfig.diffMode ? changes : prestates
        return this.alter(results.map((result) => ({ result })))
      }
      default:
        return this.#answerForState(method, params as [string, ...unknown[]])
    }
  }

  /** A state of the chain is that before the next block. */
  async #answerForState(method: string, params: [string, ...unknown[]]): Promise<Hex> {
    const name = params.at(-1) as string | { readonly blockHash: string }
    const number = typeof name === 'string' ? BigInt(name) : (this.#numberOf(name.blockHash) ?? -2n)
    const { stateManager } = this.#known(quantity(number + 1n)).before
    const address = createAddressFromString(params[0])
    const account = (await stateManager.getAccount(address)) ?? new Account()
    switch (method) {
      case 'eth_getBalance':
        return quantity(account.balance)
      case 'eth_getTransactionCount':
        return quantity(account.nonce)
      case 'eth_getCode':
        return bytesToHex(await stateManager.getCode(address))
      case 'eth_getStorageAt': {
        const key = Buffer.from((params[1] as string).slice(2), 'hex')
        return word(await stateManager.getStorage(address, key))
      }
      default:
        throw new Error(`the method ${method} does not exist`)
    }
  }

  #numberOf(hash: string): bigint | undefined {
    return [...this.#hashes].find(([, known]) => known === hash)?.[0]
  }

  #find(key: Hex): TracedBlock | undefined {
    if (key.length < 66) return this.#blocks.get(BigInt(key))
    return [...this.#blocks.values()].find(({ block }) => bytesToHex(block.hash()) === key)
  }

  #known(key: Hex): TracedBlock {
    const found = this.#find(key)
    if (found === undefined) throw new Error(`unknown block ${key}`)
    return found
  }

  async #execute(vm: VM, block: Block): Promise<void> {
    const before = await vm.shallowCopy()
    const traced: TracedBlock = { block, prestates: [], changes: [], before }
    this.#blocks.set(block.header.number, traced)
    const recorder = new Recorder(vm)
    const { events } = vm
    const begin = (_: unknown, resolve?: () => void): void => {
      recorder.begin()
      resolve?.()
    }
    const end = async (_: unknown, resolve?: () => void): Promise<void> => {
      const { prestate, change } = await recorder.end()
      traced.prestates.push(prestate)
      traced.changes.push(change)
      resolve?.()
    }
    events.on('beforeTx', begin)
    events.on('afterTx', end)
    try {
      await runBlock(vm, {
        block,
        generate: true,
        skipHeaderValidation: true,
        skipHardForkValidation: true,
      })
    } finally {
      events.removeListener('beforeTx', begin)
      events.removeListener('afterTx', end)
      recorder.stop()
    }
    this.#hashes.set(block.header.number, bytesToHex(block.hash()))
  }
}

/** Notes what a transaction looks at first, as it was then. */
class Recorder {
  readonly #vm: VM
  readonly #original: Pick<VM['stateManager'], 'getAccount' | 'getCode' | 'getStorage'>
  #seen: Map<string, { account: Account | undefined; code: Uint8Array; slots: Map<string, Hex> }> =
    new Map()
  readonly #noting = new Set<string>()
  #recording = false

  constructor(vm: VM) {
    this.#vm = vm
    const state = vm.stateManager
    const original = {
      getAccount: state.getAccount.bind(state),
      getCode: state.getCode.bind(state),
      getStorage: state.getStorage.bind(state),
    }
    this.#original = original
    state.getAccount = async (address: Address) => {
      await this.#note(address)
      return original.getAccount(address)
    }
    state.getStorage = async (address: Address, key: Uint8Array) => {
      await this.#note(address)
      const value = await original.getStorage(address, key)
      const entry = this.#recording ? this.#seen.get(address.toString()) : undefined
      const slot = bytesToHex(key)
      if (entry !== undefined && !entry.slots.has(slot)) entry.slots.set(slot, word(value))
      return value
    }
  }

  stop(): void {
    Object.assign(this.#vm.stateManager, this.#original)
  }

  begin(): void {
    this.#seen = new Map()
    this.#recording = true
  }

  async end(): Promise<{ prestate: Seen; change: { pre: Seen; post: Seen } }> {
    this.#recording = false
    const prestate: Seen = {}
    const pre: Seen = {}
    const post: Seen = {}
    const hidden = await this.#delegationTargets()
    // The block's coinbase is always shown; when it is first looked at does not matter to the merge.
    for (const [key, { account, code, slots }] of this.#seen) {
      const address = key as Hex
      const shown: SeenAccount = shownAccount(account, code)
      if (slots.size > 0) shown.storage = Object.fromEntries(slots) as Record<Hex, Hex>
      const target = createAddressFromString(address)
      const after = await this.#original.getAccount(target)
      const codeAfter = await this.#original.getCode(target)
      const shownAfter = shownAccount(after, codeAfter)
      const changedSlots: Record<Hex, Hex> = {}
      const slotsBefore: Record<Hex, Hex> = {}
      for (const [slot, value] of slots) {
        const now = word(
          after === undefined
            ? new Uint8Array()
            : await this.#original.getStorage(target, Buffer.from(slot.slice(2), 'hex')),
        )
        if (now === value) continue
        if (BigInt(value) !== 0n) slotsBefore[slot as Hex] = value
        if (BigInt(now) !== 0n) changedSlots[slot as Hex] = now
      }
      const isEmptyBefore = isEmpty(account)
      if (!isEmptyBefore && !hidden.has(address)) prestate[address] = shown
      const fieldsChange =
        JSON.stringify(shownAccount(account, code)) !== JSON.stringify(shownAfter)
      const slotsChange = Object.keys(changedSlots).length + Object.keys(slotsBefore).length > 0
      if (!fieldsChange && !slotsChange) continue
      if (!isEmptyBefore) pre[address] = { ...shownAccount(account, code), storage: slotsBefore }
      if (after !== undefined) post[address] = { ...shownAfter, storage: changedSlots }
    }
    return { prestate, change: { pre, post } }
  }

  /** What accounts that were looked at delegate to, unless the block looks at it in another way. */
  async #delegationTargets(): Promise<Set<string>> {
    const targets = new Set<string>()
    for (const { code } of this.#seen.values()) {
      const hex = bytesToHex(code)
      if (hex.startsWith('0xef0100')) targets.add(`0x${hex.slice(8)}`)
    }
    return targets
  }

  async #note(address: Address): Promise<void> {
    const key = address.toString()
    // Looking for the code asks for the account.
    if (!this.#recording || this.#seen.has(key) || this.#noting.has(key)) return
    this.#noting.add(key)
    const account = await this.#original.getAccount(address)
    const code = account === undefined ? new Uint8Array() : await this.#original.getCode(address)
    this.#noting.delete(key)
    const { balance = 0n, nonce = 0n } = account ?? {}
    const copy = account === undefined ? undefined : new Account(nonce, balance)
    this.#seen.set(key, { account: copy, code, slots: new Map() })
  }
}

function isEmpty(account: Account | undefined): boolean {
  return account === undefined
}

function shownAccount(account: Account | undefined, code: Uint8Array): SeenAccount {
  if (account === undefined) return {}
  return {
    balance: quantity(account.balance),
    ...(account.nonce === 0n ? {} : { nonce: Number(account.nonce) }),
    ...(code.length === 0 ? {} : { code: bytesToHex(code) }),
  }
}

function word(value: Uint8Array): Hex {
  return `0x${Buffer.from(value).toString('hex').padStart(64, '0')}`
}

function rpcBlock(block: Block): object {
  const { transactions, ...rest } = rpcBlockOf(block)
  return {
    ...rest,
    transactions: transactions.map((transaction, i) => ({
      ...transaction,
      from: block.transactions[i].getSenderAddress().toString(),
      to: transaction.to ?? null,
      hash: bytesToHex(block.transactions[i].hash()),
    })),
  }
}
