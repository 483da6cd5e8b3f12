/** Random chains. */

import { bytesToHex } from '../../../lib/hex/index.js'
import type { Hex } from '../../../lib/index.js'
import { Random } from '../../random.js'
import { chainForks } from './forks.js'
import { signers } from './keys.js'
import { fixedPrograms, ProgramWriter, words } from './programs.js'
import type {
  AccountRecipe,
  AuthorizationRecipe,
  BlockRecipe,
  ChainRecipe,
  ForkRecipe,
  TransactionRecipe,
} from './recipe.js'
import {
  beaconRoots,
  blockHashHistory,
  consolidationRequests,
  depositContract,
  depositData,
  systemContracts,
  withdrawalRequests,
} from './system-contracts.js'

/** What a chain is to be. */
export interface ChainShape {
  readonly seed: number
  readonly blocks: number
  /** The fork of the genesis block. */
  readonly firstFork: string
  /** After how many blocks the next fork comes. */
  readonly blocksPerFork: number
}

const randomContracts = 8
const hex = (value: number | bigint): Hex => `0x${value.toString(16)}`
const addressOf = (group: string, index: number): Hex =>
  `0x${group.padEnd(38, '0')}${index.toString(16).padStart(2, '0')}`

const deepCalls = addressOf('de', 1)
const storageHeavy = addressOf('57', 1)
const selfDestructs = [1, 2, 3, 4].map((i) => addressOf('5d', i))
const factory = addressOf('fa', 1)
const contracts = Array.from({ length: randomContracts }, (_, i) => addressOf('c0', i))
/** Never there at the start: whoever gets ether comes to be. */
const strangers = [1, 2, 3].map((i) => addressOf('ee', i))
/** All but the proof of a blob: the judge would need a library for it. */
const precompiles = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16, 256].map(
  (i): Hex => `0x${i.toString(16).padStart(40, '0')}`,
)
const coinbases = [addressOf('cb', 1), signers[0], contracts[0], strangers[0]]

/** Generates a chain; the same shape gives the same. */
export function generateChain({ seed, blocks, firstFork, blocksPerFork }: ChainShape): ChainRecipe {
  const random = new Random(seed * 2_654_435_761 + 1)
  // The first numbers of a small seed are small.
  for (let i = 0; i < 8; i++) random.below(2)
  const first = chainForks.indexOf(firstFork)
  const forks: ForkRecipe[] = chainForks
    .slice(first)
    .map((name, i) => ({ name, from: i * blocksPerFork }))
    .filter(({ from }) => from <= blocks)
  const forkOf = (position: number) =>
    Math.min(first + Math.floor(position / blocksPerFork), chainForks.length - 1)
  const alloc = makeAlloc(random, forkOf(blocks))
  const maker = new BlockMaker(random)
  const made = Array.from({ length: blocks }, (_, i) => maker.block(forkOf(i + 1)))
  return { seed, forks, alloc, blocks: made }
}

function forkAt(name: string): number {
  return chainForks.indexOf(name)
}

const addresses = [
  ...contracts,
  ...contracts,
  ...signers,
  ...strangers,
  ...selfDestructs,
  deepCalls,
  storageHeavy,
  factory,
  ...precompiles.slice(0, 8),
]

function makeAlloc(random: Random, fork: number): Record<Hex, AccountRecipe> {
  const alloc: Record<Hex, AccountRecipe> = { ...systemContracts }
  for (const [i, address] of signers.entries()) {
    alloc[address] = { balance: hex(i === 7 ? 10n ** 16n : 10n ** 24n) }
  }
  const writer = new ProgramWriter(random, { addresses, fork, forkAt })
  const storage = { '0x00': '0x07', '0x01': `0x${'11'.repeat(32)}`, '0x05': '0x01' } as const
  for (const address of contracts) {
    alloc[address] = {
      nonce: '0x1',
      balance: hex(random.below(10_000)),
      code: bytesToHex(writer.runtime()),
      storage,
    }
  }
  alloc[deepCalls] = { nonce: '0x1', code: fixedPrograms.deepCalls() }
  alloc[storageHeavy] = { nonce: '0x1', code: fixedPrograms.storageHeavy() }
  alloc[factory] = { nonce: '0x1', balance: '0x64', code: fixedPrograms.factory() }
  for (const address of selfDestructs) {
    alloc[address] = { nonce: '0x1', balance: '0x64', code: fixedPrograms.selfDestruct(), storage }
  }
  return alloc
}

class BlockMaker {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  block(fork: number): BlockRecipe {
    const random = this.#random
    const count = random.below(8) === 0 ? 0 : 1 + random.below(10)
    return {
      delay: random.pick([1, 2, 12, 12, 13, 24, 60]),
      coinbase: random.pick(coinbases),
      transactions: Array.from({ length: count }, () => this.#transaction(fork)),
      ...(fork >= forkAt('shanghai') ? { withdrawals: this.#withdrawals() } : {}),
      ...(fork < forkAt('paris') && random.below(4) === 0
        ? {
            ommers: [
              { depth: 2 + random.below(5), coinbase: random.pick([strangers[1], signers[1]]) },
            ],
          }
        : {}),
    }
  }

  #withdrawals(): { address: Hex; amount: number }[] {
    const random = this.#random
    return Array.from({ length: random.below(4) }, () => ({
      address: random.pick([...signers, ...strangers, ...contracts]),
      amount: random.below(3) === 0 ? 0 : random.below(1_000_000_000),
    }))
  }

  #transaction(fork: number): TransactionRecipe {
    const random = this.#random
    const type = this.#type(fork)
    const call = this.#call(fork, type)
    return {
      type,
      from: random.below(signers.length),
      ...call,
      tip: random.below(4) === 0 ? 0 : random.below(1_000_000_000),
      ...(type >= 1 && random.below(2) === 0 ? { accessList: this.#accessList() } : {}),
      ...(type === 3 ? { blobs: 1 + random.below(3) } : {}),
      ...(type === 4 ? { authorizations: this.#authorizations() } : {}),
    }
  }

  #type(fork: number): TransactionRecipe['type'] {
    const types: TransactionRecipe['type'][] = [0]
    if (fork >= forkAt('berlin')) types.push(1)
    if (fork >= forkAt('london')) types.push(2, 2)
    if (fork >= forkAt('cancun')) types.push(3)
    if (fork >= forkAt('prague')) types.push(4, 4)
    return this.#random.pick(types)
  }

  /** Who is called, with what. */
  #call(fork: number, type: number): Pick<TransactionRecipe, 'to' | 'value' | 'data' | 'gas'> {
    const random = this.#random
    const value = hex(random.below(3) === 0 ? random.below(1_000_000) : 0)
    const gas = 30_000 + random.below(400_000)
    const kind = random.below(24)
    if (kind < 4 && type < 3) {
      const writer = new ProgramWriter(random, { addresses, fork, forkAt })
      return { value, gas: gas + 300_000, data: bytesToHex(writer.initCode()) }
    }
    if (kind < 6)
      return {
        to: random.pick([...signers, ...strangers]),
        value: hex(random.below(1e9)),
        gas: 40_000,
      }
    if (kind < 7) return { to: deepCalls, gas: random.pick([100_000, 400_000, 1_500_000]) }
    if (kind < 9) {
      const count = random.pick([1, 5, 12])
      const data = words(count, random.below(20), random.pick([0, 1, 3]))
      return { to: storageHeavy, data, gas: 60_000 + count * 23_000 }
    }
    if (kind < 10) {
      const heir = random.pick([...strangers, ...signers, ...selfDestructs])
      return { to: random.pick(selfDestructs), value, data: words(BigInt(heir)), gas: 100_000 }
    }
    if (kind < 12) {
      const writer = new ProgramWriter(random, { addresses, fork, forkAt })
      return { to: factory, value, data: bytesToHex(writer.initCode()), gas: gas + 200_000 }
    }
    if (kind < 13)
      return {
        to: random.pick(precompiles),
        value,
        data: bytesToHex(random.bytes(random.below(200))),
        gas,
      }
    if (kind < 15 && fork >= forkAt('prague')) return this.#request()
    if (random.below(4) === 0)
      return { to: random.pick(contracts), value, data: '0x', gas: 21_000 + random.below(20_000) }
    return {
      to: random.pick(contracts),
      value,
      data: bytesToHex(random.bytes(random.below(100))),
      gas,
    }
  }

  /** Something for the consensus layer, or a question to a system contract. */
  #request(): Pick<TransactionRecipe, 'to' | 'value' | 'data' | 'gas'> {
    const random = this.#random
    const gas = 400_000
    switch (random.below(5)) {
      case 0:
        return { to: withdrawalRequests, value: '0x2710', data: bytesToHex(random.bytes(56)), gas }
      case 1:
        return {
          to: consolidationRequests,
          value: '0x2710',
          data: bytesToHex(random.bytes(96)),
          gas,
        }
      case 2:
        return { to: depositContract, data: depositData(random.below(256)), gas }
      case 3:
        return { to: random.pick([withdrawalRequests, consolidationRequests]), gas }
      default:
        return {
          to: random.pick([beaconRoots, blockHashHistory]),
          data: words(random.below(30)),
          gas,
        }
    }
  }

  #accessList(): { address: Hex; storageKeys: Hex[] }[] {
    const random = this.#random
    return Array.from({ length: random.below(3) }, () => ({
      address: random.pick(addresses),
      storageKeys: Array.from({ length: random.below(3) }, () => words(random.below(6))),
    }))
  }

  #authorizations(): AuthorizationRecipe[] {
    const random = this.#random
    return Array.from({ length: 1 + random.below(3) }, () => ({
      key: random.below(signers.length),
      address: random.pick([
        ...contracts,
        ...selfDestructs,
        `0x${'00'.repeat(20)}` as Hex,
        ...precompiles.slice(0, 2),
        signers[2],
      ]),
      nonceAhead: random.pick([0, 0, 0, 1, 1, 2]),
      chainId: random.pick([0, 1, 1, 1, 2]),
    }))
  }
}
