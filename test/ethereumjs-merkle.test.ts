/**
 * The tries of a `MerkleStateManager`, which are read and written directly: what a block leaves in them
 * is what `@ethereumjs/vm` leaves, and state managers that are anything else go the general way.
 */

import { createRequire } from 'node:module'
import { type Block, createBlock, createBlockFromRLP } from '@ethereumjs/block'
import { type Common, Hardfork, type StateManagerInterface } from '@ethereumjs/common'
import { CheckpointDB, createMPT, type MerklePatriciaTrie, type MPTOpts } from '@ethereumjs/mpt'
import { Caches, CacheType, MerkleStateManager, SimpleStateManager } from '@ethereumjs/statemanager'
import { createLegacyTx } from '@ethereumjs/tx'
import {
  type Account,
  type Address,
  createAddressFromString,
  type DB,
  hexToBytes,
  MapDB,
  type PrefixedHexString,
  ValueEncoding,
} from '@ethereumjs/util'
import { createVM, runBlock as originalRunBlock, type VM } from '@ethereumjs/vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runBlock } from '../lib/ethereumjs/index.js'
import { merkleInternals, sourceHash } from '../lib/ethereumjs/merkle-internals.js'
import { knownSources } from '../lib/ethereumjs/merkle-versions.js'
import { isBraidError } from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { fillState } from './support/chain-generator/judge.js'
import { commonAt } from './support/common.js'
import { blockOf, keys, senders, type VmAlloc, vmWith } from './support/vm-chain.js'

const merkle = suite('tries of state managers')

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A database that is somewhere else: every answer takes a turn of the event loop. */
class SlowDB implements DB<string, Uint8Array | string> {
  readonly values = new Map<string, Uint8Array | string>()

  async get(key: string): Promise<Uint8Array | string | undefined> {
    await new Promise(setImmediate)
    return this.values.get(key)
  }

  async put(key: string, value: Uint8Array | string): Promise<void> {
    await new Promise(setImmediate)
    this.values.set(key, value)
  }

  async del(key: string): Promise<void> {
    this.values.delete(key)
  }

  async batch(operations: readonly { type: string; key: string; value?: unknown }[]) {
    await new Promise(setImmediate)
    for (const { type, key, value } of operations) {
      if (type === 'put') this.values.set(key, value as string)
      else this.values.delete(key)
    }
  }

  shallowCopy(): this {
    return this
  }

  async open(): Promise<void> {}
}

/** Counts how often the VM asks it, and else does what it extends. */
class CountingManager extends MerkleStateManager {
  asked = 0
  written = 0

  override async getAccount(address: Address): Promise<Account | undefined> {
    this.asked++
    return super.getAccount(address)
  }

  override async putAccount(address: Address, account?: Account): Promise<void> {
    this.written++
    return super.putAccount(address, account)
  }
}

interface ManagerKind {
  readonly name: string
  readonly isDirect: boolean
  /** Whether caches are empty-handed when a block comes: only then are they passed by. */
  readonly caches?: 'written' | 'unwritten'
  readonly make: (common: Common) => Promise<StateManagerInterface>
}

const merkleWith = async (
  common: Common,
  trie: MPTOpts,
  options: ConstructorParameters<typeof MerkleStateManager>[0] = {},
) =>
  new MerkleStateManager({
    common,
    trie: await createMPT({ useKeyHashing: true, common, ...trie }),
    ...options,
  })

const kinds: readonly ManagerKind[] = [
  {
    name: 'the default one',
    isDirect: true,
    make: async (common) => new MerkleStateManager({ common }),
  },
  {
    name: 'a database of strings that is slow',
    isDirect: true,
    make: (common) => merkleWith(common, { db: new SlowDB() as never }),
  },
  {
    name: 'a cache of nodes, a root that is kept, codes without prefix',
    isDirect: true,
    make: (common) =>
      merkleWith(
        common,
        {
          db: new MapDB(),
          valueEncoding: ValueEncoding.Bytes,
          cacheSize: 50,
          useRootPersistence: true,
        },
        { prefixCodeHashes: false },
      ),
  },
  {
    name: 'caches of accounts, slots and codes',
    isDirect: true,
    caches: 'written',
    make: async (common) => new MerkleStateManager({ common, caches: new Caches() }),
  },
  {
    name: 'caches of the other kind, and none of codes',
    isDirect: true,
    caches: 'written',
    make: async (common) =>
      new MerkleStateManager({
        common,
        caches: new Caches({
          account: { type: CacheType.LRU, size: 500 },
          storage: { type: CacheType.LRU, size: 500 },
          code: { size: 0 },
        }),
      }),
  },
  {
    // What is read between blocks is to be written again, as far as they know.
    name: 'caches with something to be written',
    isDirect: true,
    caches: 'unwritten',
    make: async (common) => new MerkleStateManager({ common, caches: new Caches() }),
  },
  {
    name: 'a class that extends it',
    isDirect: false,
    make: async (common) => new CountingManager({ common }),
  },
  {
    name: 'prefixes for the tries of storage',
    isDirect: false,
    make: (common) => merkleWith(common, {}, { prefixStorageTrieKeys: true }),
  },
]

/** A VM on the state before a chain. */
async function chainVm(chain: BuiltChain, { make }: ManagerKind): Promise<VM> {
  const common = commonOf(chain.recipe)
  common.setHardforkBy({ blockNumber: 0n, timestamp: chain.genesis.timestamp })
  const stateManager = await make(common)
  await fillState(stateManager, chain.recipe)
  const vm = await createVM({ common, stateManager, setHardfork: true })
  const hashes = new Map([[0n, hexToBytes(chain.genesis.hash)]])
  Object.assign(vm.blockchain, {
    hashes,
    getBlock: async (number: number) => ({ hash: () => hashes.get(BigInt(number)) }),
  })
  return vm
}

/** Addresses that a chain may have touched. */
function addressesOf(
  chain: BuiltChain,
  results: readonly { createdAddress?: Address }[],
): Address[] {
  const { recipe } = chain
  const named = [
    ...Object.keys(recipe.alloc),
    ...recipe.blocks.flatMap(({ coinbase, transactions, withdrawals = [] }) => [
      coinbase,
      ...transactions.flatMap(({ to }) => (to === undefined ? [] : [to])),
      ...withdrawals.map(({ address }) => address),
    ]),
  ]
  const created = results.flatMap(({ createdAddress }) => createdAddress ?? [])
  return [...new Set(named)].map(createAddressFromString).concat(created)
}

/** All that a state manager says of accounts: fields, code, the whole storage. */
async function saidBy(manager: StateManagerInterface, addresses: readonly Address[]) {
  const said: unknown[] = [hex(await manager.getStateRoot())]
  for (const address of addresses) {
    const account = await manager.getAccount(address)
    if (account === undefined) {
      said.push([address.toString()])
      continue
    }
    const storage = await (manager as MerkleStateManager).dumpStorage(address)
    // Through its own reading of slots too, whose keys are known from the dump of small numbers only.
    const slots = await Promise.all(
      [0, 1, 2, 3].map(async (number) => {
        const key = new Uint8Array(32)
        key[31] = number
        return hex(await manager.getStorage(address, key))
      }),
    )
    said.push([
      address.toString(),
      String(account.nonce),
      String(account.balance),
      hex(account.storageRoot),
      hex(await manager.getCode(address)),
      storage,
      slots,
    ])
  }
  return said
}

const options = { skipHeaderValidation: true, skipHardForkValidation: true }

/** The block with another root in its header. */
function withWrongRoot(block: Block): Block {
  const header = { ...block.header, stateRoot: new Uint8Array(32) }
  const { transactions, uncleHeaders, withdrawals } = block
  const parts = { header, transactions: transactions as never, uncleHeaders }
  return createBlock(withdrawals === undefined ? parts : { ...parts, withdrawals }, {
    common: block.common,
    skipConsensusFormatValidation: true,
  })
}

/** Forks whose receipts hold no roots, each with a chain that comes to the next one. */
const seeds = [
  [Hardfork.Byzantium, 3],
  [Hardfork.Istanbul, 5],
  [Hardfork.London, 8],
  [Hardfork.Shanghai, 11],
  [Hardfork.Cancun, 12],
  [Hardfork.Prague, 13],
] as const

for (const [place, kind] of kinds.entries()) {
  merkle(`chains leave the same: ${kind.name}`, async () => {
    const own = place === 0 ? seeds : seeds.filter((_, i) => i % 3 === place % 3)
    let blocks = 0
    for (const [firstFork, seed] of own) {
      const chain = await buildChain(
        generateChain({ seed, firstFork, blocks: 3, blocksPerFork: 2 }),
      )
      const vms = [await chainVm(chain, kinds[0]), await chainVm(chain, kind)]
      const runs = [originalRunBlock, runBlock]
      assert.is(merkleInternals(vms[1].stateManager) !== undefined, kind.isDirect)
      const results: { createdAddress?: Address }[] = []
      const isDirect = () => kind.isDirect && kind.caches !== 'unwritten'
      const say = async (vm: VM) => {
        const said = await saidBy(vm.stateManager, addressesOf(chain, results))
        if (kind.caches === 'written') await (vm.stateManager as MerkleStateManager).flush()
        return said
      }
      for (const [index, rlp] of chain.blocks.entries()) {
        const blockFor = (vm: VM) =>
          createBlockFromRLP(rlp, { common: vm.common.copy(), setHardfork: true })
        const before = await say(vms[0])
        // Once in vain, once to be undone by the caller, and once for good.
        const wrong = withWrongRoot(blockFor(vms[1]))
        const error = await rejection(runBlock(vms[1], { block: wrong, ...options }))
        assert.ok(isBraidError(error, 'BLOCK_FIELD_MISMATCH'), String(error))
        assert.is(error.details.field, 'stateRoot')
        if (kind.caches === 'unwritten') await forget(vms[1], before[0] as string)
        assert.equal(await say(vms[1]), before, `${firstFork} ${index}: after a wrong block`)
        await vms[1].stateManager.checkpoint()
        assert.is(merkleInternals(vms[1].stateManager) !== undefined, isDirect(), 'passed by')
        await runBlock(vms[1], { block: blockFor(vms[1]), ...options })
        await vms[1].stateManager.revert()
        if (kind.caches === 'unwritten') await forget(vms[1], before[0] as string)
        assert.equal(await say(vms[1]), before, `${firstFork} ${index}: after a revert`)
        const roots: string[] = []
        for (const [i, vm] of vms.entries()) {
          const block = blockFor(vm)
          // In turns, where what was left has to be good for the other.
          const run = i === 1 && index === 1 ? originalRunBlock : runs[i]
          const result = await run(vm, { block, ...options })
          roots.push(hex(result.stateRoot))
          if (i === 0) results.push(...result.results)
          const { hashes } = vm.blockchain as unknown as { hashes: Map<bigint, Uint8Array> }
          hashes.set(block.header.number, block.hash())
        }
        assert.is(roots[1], roots[0])
        assert.equal(await say(vms[1]), await say(vms[0]), `${firstFork} ${index}`)
        const { map } = vms[1].stateManager.originalStorageCache as unknown as {
          map: Map<string, unknown>
        }
        assert.is(map.size, 0)
        blocks++
      }
    }
    assert.is(blocks, 3 * own.length)
  })
}

/** What a promise is rejected with. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.unreachable('nothing was thrown'),
    (error: unknown) => error,
  )
}

/** The caches of `@ethereumjs/statemanager` keep what was flushed before it was reverted. */
async function forget({ stateManager }: VM, root: string): Promise<void> {
  await stateManager.setStateRoot(Buffer.from(root, 'hex'), true)
}

const counter: PrefixedHexString = `0x${'d0'.repeat(20)}`
const many: VmAlloc = {
  // Writes 7 to the slot that it is called with, and to two others.
  [counter]: { nonce: 1n, code: '0x6007600035556001600055600260015500', storage: {} },
  ...Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [
      `0x${(i + 1).toString(16).padStart(4, '0').repeat(10)}`,
      { balance: BigInt(i + 1) },
    ]),
  ),
}

/** A VM whose accounts are many, and a block that calls the counter. */
async function counterVm(): Promise<{ vm: VM; block: Block }> {
  const vm = await vmWith(commonAt(Hardfork.Shanghai), many)
  const transactions = [3n, 4n].map((slot, nonce) =>
    createLegacyTx(
      {
        nonce: BigInt(nonce),
        gasPrice: 2_000n,
        gasLimit: 500_000n,
        to: counter,
        data: `0x${slot.toString(16).padStart(64, '0')}`,
      },
      { common: vm.common },
    ).sign(keys[0]),
  )
  return { vm, block: blockOf(vm.common, { transactions }) }
}

const trieOf = (vm: VM): MerklePatriciaTrie =>
  (vm.stateManager as unknown as { readonly _trie: MerklePatriciaTrie })._trie

/** The keys of all nodes of a state, those of storage too. */
async function reachable(vm: VM): Promise<Set<string>> {
  const trie = trieOf(vm)
  const found = new Set<string>()
  const walk = async (root: Uint8Array) => {
    found.add(hex(root))
    const { _findDbNodes } = trie as unknown as {
      _findDbNodes(found: (ref: Uint8Array, ...rest: unknown[]) => void): Promise<void>
    }
    const copy = trie.shallowCopy(false)
    copy.root(root)
    await _findDbNodes.call(copy, (reference, node, key, controller) => {
      found.add(hex(reference))
      if (node !== null)
        (controller as { allChildren(n: unknown, k: unknown): void }).allChildren(node, key)
    })
  }
  await walk(trie.root())
  const account = await vm.stateManager.getAccount(createAddressFromString(counter))
  await walk(account!.storageRoot)
  return found
}

merkle('the database is given the nodes of the state after the block, and no others', async () => {
  const { vm, block } = await counterVm()
  const stored = (trieOf(vm).database().db as MapDB<string, Uint8Array>)._database
  const before = new Set(stored.keys())
  await runBlock(vm, { block, generate: true, skipBlockValidation: true })
  const added = [...stored.keys()].filter((key) => !before.has(key))
  const nodes = await reachable(vm)
  assert.ok(added.length > 5)
  assert.equal(
    added.filter((key) => !nodes.has(key)),
    [],
  )
  for (const key of nodes) assert.ok(stored.has(key), key)
})

merkle(
  'a class that extends the manager is asked for everything, and told everything',
  async () => {
    const { vm, block } = await counterVm()
    const manager = new CountingManager({ common: vm.common, trie: trieOf(vm) })
    const other = await createVM({ common: vm.common, stateManager: manager })
    manager.asked = manager.written = 0
    const result = await runBlock(other, { block, generate: true, skipBlockValidation: true })
    assert.ok(manager.asked >= 4 && manager.written >= 3, `${manager.asked} ${manager.written}`)
    const { vm: judge, block: same } = await counterVm()
    const expected = await originalRunBlock(judge, {
      block: same,
      generate: true,
      skipBlockValidation: true,
    })
    assert.is(hex(result.stateRoot), hex(expected.stateRoot))
  },
)

merkle('the code of the installed versions is known', async () => {
  const require = createRequire(import.meta.url)
  for (const [name, known] of Object.entries(knownSources)) {
    const home = ['MerklePatriciaTrie', 'CheckpointDB'].includes(name) ? 'mpt' : 'statemanager'
    const copies = [await import(`@ethereumjs/${home}`), require(`@ethereumjs/${home}`)]
    for (const { [name]: Class } of copies as Record<string, { prototype: object }>[]) {
      const hash = sourceHash(Class.prototype)
      assert.ok((known as ReadonlySet<string>).has(hash), `${name} has changed: ${hash}`)
    }
  }
})

merkle('only what is known to the last method is read directly', async () => {
  const common = commonAt(Hardfork.Shanghai)
  const made = () => new MerkleStateManager({ common })
  assert.ok(merkleInternals(made()) !== undefined)
  const require = createRequire(import.meta.url)
  const { MerkleStateManager: Required } =
    require('@ethereumjs/statemanager') as typeof import('@ethereumjs/statemanager')
  assert.ok(merkleInternals(new Required({ common })) !== undefined, 'CommonJS')

  const own = made()
  own.getAccount = async () => undefined
  assert.is(merkleInternals(own), undefined, 'a method of its own')
  const { _trie: trie } = own as unknown as { readonly _trie: MerklePatriciaTrie }
  const ownTrie = made()
  ;(ownTrie as unknown as { _trie: MerklePatriciaTrie })._trie = Object.assign(trie.shallowCopy(), {
    put: async () => {},
  })
  assert.is(merkleInternals(ownTrie), undefined, 'a trie with a method of its own')
  assert.is(merkleInternals(new Proxy(made(), {})), undefined, 'a proxy')
  assert.is(merkleInternals(new SimpleStateManager({ common })), undefined, 'another class')
  assert.is(merkleInternals(Object.create(null)), undefined, 'no class at all')
  class MerkleStateManagerOfMine extends MerkleStateManager {}
  assert.is(merkleInternals(new MerkleStateManagerOfMine({ common })), undefined, 'extended')
  const sha = common.copy()
  // The copy shares it.
  Object.assign(sha, {
    customCrypto: { keccak256: (data: Uint8Array) => new Uint8Array(32).fill(data.length) },
  })
  assert.is(merkleInternals(new MerkleStateManager({ common: sha })), undefined, 'its own hash')

  const pruned = await merkleWith(common, { useNodePruning: true })
  assert.is(merkleInternals(pruned), undefined, 'old nodes are deleted')
  const prefixed = await merkleWith(common, { keyPrefix: Uint8Array.of(1) })
  assert.is(merkleInternals(prefixed), undefined, 'keys have a prefix')
  const plain = await merkleWith(common, { useKeyHashing: false })
  assert.is(merkleInternals(plain), undefined, 'keys are not hashed')

  const { getAccount } = MerkleStateManager.prototype
  try {
    MerkleStateManager.prototype.getAccount = async () => undefined
    assert.is(merkleInternals(made()), undefined, 'a patched class')
  } finally {
    MerkleStateManager.prototype.getAccount = getAccount
  }
  const { get } = CheckpointDB.prototype
  try {
    CheckpointDB.prototype.get = async () => undefined
    assert.is(merkleInternals(made()), undefined, 'a patched database')
  } finally {
    CheckpointDB.prototype.get = get
  }
  assert.ok(merkleInternals(made()) !== undefined, 'as it was')
})

merkle(
  'who listens to transactions reads what the block has left, through caches too',
  async () => {
    const key = new Uint8Array(32)
    key[31] = 3
    const at = createAddressFromString(counter)
    for (const caches of [undefined, new Caches()]) {
      const { vm: made, block } = await counterVm()
      const manager = new MerkleStateManager({ common: made.common, trie: trieOf(made), caches })
      const vm = await createVM({ common: made.common, stateManager: manager })
      const read = async () => [
        hex(await manager.getStorage(at, key)),
        (await manager.getAccount(senders[0]))?.nonce,
      ]
      assert.equal(await read(), ['', 0n])
      await manager.flush()
      const seen: unknown[] = []
      vm.events.on('afterTx', (_, done) => {
        read().then((values) => {
          seen.push(values)
          done?.()
        })
      })
      await runBlock(vm, { block, generate: true, skipBlockValidation: true })
      assert.equal(seen, [
        ['07', 2n],
        ['07', 2n],
      ])
      assert.equal(await read(), ['07', 2n])
    }
  },
)

merkle('code that is not there is missed', async () => {
  const { vm, block } = await counterVm()
  const stored = (trieOf(vm).database().db as MapDB<string, Uint8Array>)._database
  const account = await vm.stateManager.getAccount(createAddressFromString(counter))
  assert.ok(stored.delete(`63${hex(account!.codeHash)}`))
  const error = await rejection(runBlock(vm, { block, generate: true, skipBlockValidation: true }))
  assert.ok(isBraidError(error, 'STATE_MISSING_CODE'), String(error))
})

merkle('an account whose node is not there is what the manager takes it for', async () => {
  const to: PrefixedHexString = `0x${'0007'.repeat(10)}`
  const roots: string[] = []
  for (const run of [originalRunBlock, runBlock]) {
    const { vm } = await counterVm()
    const trie = trieOf(vm)
    const { node } = await trie.findPath(keccak256(hexToBytes(to)))
    const stored = (trie.database().db as MapDB<string, Uint8Array>)._database
    assert.ok(stored.delete(hex(keccak256(node!.serialize()))))
    const transaction = createLegacyTx(
      { nonce: 0n, gasPrice: 2_000n, gasLimit: 50_000n, to, value: 5n },
      { common: vm.common },
    ).sign(keys[0])
    const block = blockOf(vm.common, { transactions: [transaction] })
    const { stateRoot } = await run(vm, { block, generate: true, skipBlockValidation: true })
    roots.push(hex(stateRoot))
  }
  assert.is(roots[1], roots[0])
})

merkle('a slot whose neighbour has to be looked up is cleared', async () => {
  // Two slots below one branch: clearing one lets the other, which nobody reads, take its place.
  const storage = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`0x${i.toString(16).padStart(64, '0')}`, '0x01']),
  ) as Record<PrefixedHexString, PrefixedHexString>
  // Clears the slot that it is called with.
  const alloc: VmAlloc = { [counter]: { nonce: 1n, code: '0x600060003555', storage } }
  for (let first = 0; first < 40; first += 5) {
    const roots: string[] = []
    for (const run of [originalRunBlock, runBlock]) {
      const vm = await vmWith(commonAt(Hardfork.Shanghai), alloc)
      // Nodes and roots of tries that were opened do not count.
      Object.assign(vm.stateManager, { _storageTries: {} })
      const transactions = Array.from({ length: 5 }, (_, i) =>
        createLegacyTx(
          {
            nonce: BigInt(i),
            gasPrice: 2_000n,
            gasLimit: 100_000n,
            to: counter,
            data: `0x${(first + i).toString(16).padStart(64, '0')}`,
          },
          { common: vm.common },
        ).sign(keys[0]),
      )
      const block = blockOf(vm.common, { transactions })
      const result = await run(vm, { block, generate: true, skipBlockValidation: true })
      roots.push(hex(result.stateRoot))
    }
    assert.is(roots[1], roots[0], `from ${first}`)
  }
})

merkle.run()
