/** What the programs in the documentation are about: an engine, blocks, states, a node. */

import { createServer, type Server } from 'node:http'
import { createLegacyTx } from '@ethereumjs/tx'
import { createAddressFromPrivateKey, hexToBytes } from '@ethereumjs/util'
import {
  type Alloc,
  type BlockEnvironment,
  type BlockHeader,
  Engine,
  type Hex,
  MemoryState,
  type RpcBlock,
  type SourceAccount,
  StateTrie,
} from 'braid-evm'
import { exampleBlock } from 'braid-evm/example-blocks'
import { alloc, makeChain, people, token } from '../../examples/support/chain.mjs'
import { buildChain } from './chain-generator/build.js'
import { commonOf } from './chain-generator/forks.js'
import { generateChain } from './chain-generator/generate.js'

export { chainHotContracts } from '../../examples/chain-hot-contracts.mjs'

const secretKey = hexToBytes(`0x${'45'.repeat(32)}`)
const sender: Hex = createAddressFromPrivateKey(secretKey).toString()
const other: Hex = `0x${'46'.repeat(20)}`

/** A block and the state before it, each time new ones. */
export async function context() {
  const engine = await Engine.create()
  const [block] = await makeChain(1)
  const state = new MemoryState(alloc)
  const result = await engine.executeBlock(block, { state })
  // A byte of the bloom: everything can be read, and one field is wrong.
  const wrongBlock = Uint8Array.from(block)
  const bloom = Buffer.from(result.header.logsBloom.slice(2), 'hex')
  wrongBlock[Buffer.from(block).indexOf(bloom)] ^= 1
  return { engine, block, wrongBlock, preState: alloc, state, result, token }
}

/** A chain whose headers follow from one another. */
export async function chainContext() {
  const shape = { seed: 13, firstFork: 'prague', blocks: 4, blocksPerFork: 4 }
  const { recipe, headers, blocks, alloc: genesis } = await buildChain(generateChain(shape))
  const common = commonOf(recipe)
  const engine = await Engine.create({ common })
  const parent: BlockHeader = headers[0]
  const blockHashes = Object.fromEntries(headers.map(({ number, hash }) => [String(number), hash]))
  const lines: string[] = []
  const index = (number: bigint, { address }: { readonly address: Hex }) => {
    lines.push(`${number} ${address}`)
  }
  return { common, engine, alloc: genesis as Alloc, blocks, headers, parent, blockHashes, index }
}

/** Transactions that are in no block. */
export async function simulationContext() {
  const state = new MemoryState({
    ...alloc,
    [sender]: { nonce: 6, balance: 10n ** 18n },
    [other]: { nonce: 5, balance: 10n ** 18n },
  })
  const fields = { gasLimit: 100_000n, gasPrice: 10n ** 10n, to: token }
  const signedTransaction = createLegacyTx({ nonce: 6n, ...fields })
    .sign(secretKey)
    .serialize()
  const environment: BlockEnvironment = {
    number: 22_500_000n,
    timestamp: 1_750_000_000n,
    gasLimit: 36_000_000n,
    coinbase: `0x${'fe'.repeat(20)}`,
    baseFee: 7_000_000_000n,
  }
  const first = [{ sender: people[0], nonce: 0n, ...fields }]
  const second = [{ sender: people[0], nonce: 1n, ...fields }]
  return {
    engine: await Engine.create(),
    state,
    sender: other,
    token,
    signedTransaction,
    environment,
    transactions: first,
    first,
    second,
  }
}

/** The same state as a source knows it, and as a witness shows it. */
export async function sourceContext() {
  const { engine, block, state } = await context()
  const trie = new StateTrie(state)
  const accounts = new Map<Hex, SourceAccount>()
  const slots = new Map<string, Hex>()
  const codes = new Map<Hex, Hex>()
  const nodes = new Set<Hex>()
  for (const { address, nonce, balance, code = '0x', storage } of state.dump()) {
    const proof = trie.getProof(address, [...storage.keys()])
    accounts.set(address, { nonce, balance, codeHash: proof.codeHash })
    codes.set(proof.codeHash, code)
    for (const [slot, value] of storage) slots.set(address + slot, value)
    for (const node of proof.accountProof) nodes.add(node)
    for (const each of proof.storageProof) for (const node of each.proof) nodes.add(node)
  }
  return {
    engine,
    block,
    accounts,
    slots,
    codes,
    hashes: new Map<bigint, Hex>(),
    witness: {
      parentStateRoot: trie.root,
      nodes: [...nodes],
      codes: [...codes.values()],
      blockHashes: {},
    },
  }
}

/** Serves JSON at a free port of this machine, until the process ends. */
export async function serve(answer: (path: string, body: string) => unknown): Promise<string> {
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer(request.url ?? '/', body)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const { port } = server.address() as { readonly port: number }
  return `http://127.0.0.1:${port}`
}

interface Question {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

/** A node that knows one block of mainnet and the state before it, and cannot trace. */
export function serveNode(): Promise<string> {
  const { block, preState, options } = exampleBlock()
  const lower = new Map(
    Object.entries(preState).map(([at, account]) => [at.toLowerCase(), account]),
  )
  const quantity = (value: unknown): Hex => `0x${BigInt((value ?? 0) as string).toString(16)}`
  const answer = ({ method, params }: Question): unknown => {
    const account = lower.get(String(params[0]).toLowerCase())
    switch (method) {
      case 'eth_chainId':
        return '0x1'
      case 'eth_getBlockByNumber': {
        const hash = options.blockHashes[String(BigInt(params[0] as string))]
        return hash === undefined ? (block as RpcBlock) : { ...block, number: params[0], hash }
      }
      case 'eth_getBalance':
        return quantity(account?.balance)
      case 'eth_getTransactionCount':
        return quantity(account?.nonce)
      case 'eth_getCode':
        return account?.code ?? '0x'
      case 'eth_getStorageAt':
        return account?.storage?.[params[1] as Hex] ?? `0x${'00'.repeat(32)}`
      default:
        return undefined
    }
  }
  const reply = (question: Question) => {
    const result = answer(question)
    const head = { jsonrpc: '2.0', id: question.id }
    const error = { code: -32601, message: `no method ${question.method}` }
    return result === undefined ? { ...head, error } : { ...head, result }
  }
  return serve((_, body) => {
    const asked = JSON.parse(body) as Question | Question[]
    return Array.isArray(asked) ? asked.map(reply) : reply(asked)
  })
}
