/** The contract of states, on every kind of them. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Alloc,
  LmdbState,
  MemoryState,
  RpcState,
  SourceState,
  StateTrie,
  WitnessState,
} from '../lib/index.js'
import { stateContract } from './support/state-contract.js'

stateContract({
  name: 'MemoryState',
  hasRoot: false,
  make: (alloc, history) => new MemoryState(alloc, { history }),
})

stateContract({
  name: 'MemoryState with a trie',
  hasRoot: true,
  make: (alloc, history) => new MemoryState(alloc, { history, trie: true }),
})

stateContract({
  name: 'SourceState',
  hasRoot: false,
  make(alloc, history) {
    const memory = new MemoryState(alloc)
    const source = {
      getAccount: async (address: string) => memory.getAccount(address),
      getStorage: async (address: string, slot: string) => memory.getStorage(address, slot),
      getCode: async (_: string, address: string) => memory.getCode(address),
    }
    return new SourceState(source, { history })
  },
})

stateContract({
  name: 'RpcState',
  hasRoot: false,
  make: (alloc, history) => new RpcState({ client: nodeOf(alloc), block: 0, history }),
})

stateContract({
  name: 'WitnessState',
  hasRoot: true,
  make: (alloc, history) => new WitnessState(wholeWitness(alloc), { history }),
})

const folders: string[] = []
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

for (const batch of [1, 4]) {
  stateContract({
    name: `LmdbState, ${batch} blocks in a transaction`,
    hasRoot: true,
    async make(alloc, history) {
      const folder = mkdtempSync(join(tmpdir(), 'braid-state-'))
      folders.push(folder)
      await LmdbState.create(folder, alloc)
      return LmdbState.open(folder, { history, batch, cache: 1 << 20 })
    },
  })
}

/** A node that has accounts, and no methods but the simplest. */
function nodeOf(alloc: Alloc) {
  const memory = new MemoryState(alloc)
  const hex = (value = 0n) => `0x${value.toString(16)}`
  return {
    async request({ method, params }: { method: string; params: string[] }): Promise<string> {
      const [address, slot] = params
      switch (method) {
        case 'eth_getBalance':
          return hex(memory.getAccount(address)?.balance)
        case 'eth_getTransactionCount':
          return hex(memory.getAccount(address)?.nonce)
        case 'eth_getCode':
          return memory.getCode(address)
        case 'eth_getStorageAt':
          return memory.getStorage(address, slot)
        default:
          throw Object.assign(new Error(`no method ${method}`), { code: -32601 })
      }
    },
  }
}

/** A witness of everything. */
function wholeWitness(alloc: Alloc) {
  const trie = new StateTrie(new MemoryState(alloc))
  const proofs = Object.entries(alloc).map(([address, { storage = {} }]) =>
    trie.getProof(address as `0x${string}`, Object.keys(storage).map(BigInt)),
  )
  const state = proofs.flatMap(({ accountProof, storageProof }) => [
    ...accountProof,
    ...storageProof.flatMap(({ proof }) => proof),
  ])
  const codes = Object.values(alloc).flatMap(({ code }) => (code === undefined ? [] : [code]))
  return {
    parentStateRoot: trie.root,
    state: [...new Set(state)],
    codes: [...new Set(codes)] as `0x${string}`[],
  }
}
