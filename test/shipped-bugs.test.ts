/**
 * Consensus bugs that other engines shipped, parallel ones above all: each block must come out as
 * `@ethereumjs/vm` says, under every policy, with any number of threads, and on a state that is asked
 * for piece by piece. native/tests/shipped_bugs_test.cpp has the same cases in every order.
 */

import {
  createAddressFromString,
  generateAddress2,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Engine,
  type EngineOptions,
  type Hex,
  MemoryState,
  type PolicyName,
  SourceState,
  StateTrie,
} from '../lib/index.js'
import { Assembler, initCodeFor, Op } from './support/chain-generator/assembler.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { judge } from './support/chain-generator/judge.js'
import { signers } from './support/chain-generator/keys.js'
import { hexOf } from './support/chain-generator/programs.js'
import type {
  AccountRecipe,
  BlockRecipe,
  TransactionRecipe,
} from './support/chain-generator/recipe.js'
import {
  beaconRoots,
  blockHashHistory,
  consolidationRequests,
  depositContract,
  depositData,
  systemContracts,
  withdrawalRequests,
} from './support/chain-generator/system-contracts.js'

const bugs = suite('bugs that other engines shipped')

const policies: readonly PolicyName[] = ['sequential', 'optimistic', 'adaptive', 'ahead']
const threadCounts = [1, 2, 3, 8, 16]
/** How often what races is run. */
const repetitions = process.env.BRAID_LONG === undefined ? 2 : 20

const addressOf = (number: number): Hex => `0x${number.toString(16).padStart(40, '0')}`
const word = (value: bigint | number | Hex): string => BigInt(value).toString(16).padStart(64, '0')
const data = (...words: readonly (bigint | number | Hex)[]): Hex => `0x${words.map(word).join('')}`

const counter = addressOf(0xc001)
const maker = addressOf(0xfac)
const look = addressOf(0x100c)
const touch = addressOf(0x70c)
const empty = addressOf(0xe0)
const nobody = addressOf(0xabc)

/** Adds one to slot 0. */
const counting = () => new Assembler().push(0).op(Op.SLOAD).push(1).op(Op.ADD).push(0).op(Op.SSTORE)

/** Destroys itself for the caller where it is called without data, else counts. */
function mortal(): Uint8Array {
  const program = new Assembler().op(Op.CALLDATASIZE)
  const count = program.pushLater()
  program.op(Op.JUMPI, Op.CALLER, Op.SELFDESTRUCT)
  program.fill(count, program.label())
  return program.op(...counting().bytes()).bytes()
}

const initCode = initCodeFor(mortal())
/** What the maker makes of the init code. */
const child = generateAddress2Of(initCode)

function generateAddress2Of(code: Uint8Array): Hex {
  const from = createAddressFromString(maker as PrefixedHexString).bytes
  return hexOf(generateAddress2(from, new Uint8Array(32), code))
}

/** CALL with the value on top of the stack and `size` bytes of memory; leaves whether it succeeded. */
function call(program: Assembler, target: Hex, { value = 0, size = 0, gas = 100_000 } = {}) {
  program.push(0).push(0).push(size).push(0).push(value).pushHex(target).push(gas).op(Op.CALL)
  return program
}

/** Keeps the top of the stack in a slot. */
const keep = (program: Assembler, slot: number) => program.push(slot).op(Op.SSTORE)

/** What the blocks call. */
const contracts: Readonly<Record<Hex, AccountRecipe>> = {
  [counter]: contract(counting()),
  // CREATE2 of the data with the value, salt 0; the address goes into slot 9.
  [maker]: contract(
    keep(
      new Assembler()
        .op(Op.CALLDATASIZE)
        .push(0)
        .push(0)
        .op(Op.CALLDATACOPY)
        .push(0)
        .op(Op.CALLDATASIZE)
        .push(0)
        .op(Op.CALLVALUE, Op.CREATE2),
      9,
    ),
  ),
  // BALANCE and EXTCODESIZE of the account in the data go to the slots that follow the second word.
  [look]: contract(
    new Assembler()
      .push(0)
      .op(Op.CALLDATALOAD, Op.BALANCE)
      .push(32)
      .op(Op.CALLDATALOAD, Op.SSTORE)
      .push(0)
      .op(Op.CALLDATALOAD, Op.EXTCODESIZE)
      .push(32)
      .op(Op.CALLDATALOAD)
      .push(1)
      .op(Op.ADD, Op.SSTORE),
  ),
  // Calls the account in the data with nothing.
  [touch]: contract(
    new Assembler()
      .push(0)
      .push(0)
      .push(0)
      .push(0)
      .push(0)
      .push(0)
      .op(Op.CALLDATALOAD)
      .push(50_000)
      .op(Op.CALL, Op.POP),
  ),
}

function contract(program: Assembler, more: Omit<AccountRecipe, 'code'> = {}): AccountRecipe {
  return { nonce: '0x1', balance: '0x64', ...more, code: hexOf(program.bytes()) }
}

/** A call; its sender is a signer by its position. */
function send(from: number, to: Hex, more: Partial<TransactionRecipe> = {}): TransactionRecipe {
  return { type: 0, from, to, gas: 400_000, tip: 3_000_000_000, ...more }
}

const make = (from: number, value = 0): TransactionRecipe =>
  send(from, maker, { data: hexOf(initCode), value: `0x${value.toString(16)}` })
const looking = (from: number, at: Hex, slot: number) => send(from, look, { data: data(at, slot) })
const count = (from: number, at: Hex, more: Partial<TransactionRecipe> = {}) =>
  send(from, at, { data: data(1), ...more })

/** A bug: blocks in which it would show, on forks in which it could. */
interface Shipped {
  readonly title: string
  readonly forks: readonly string[]
  readonly alloc?: Readonly<Record<Hex, AccountRecipe>>
  /** The transactions of one block each, or whole blocks. */
  readonly blocks: readonly (readonly TransactionRecipe[] | Partial<BlockRecipe>)[]
  /** What slots hold in the end: that the blocks do what they are meant to. */
  readonly slots: readonly (readonly [address: Hex, slot: number, value: bigint | number | Hex])[]
}

const aliveChild: Readonly<Record<Hex, AccountRecipe>> = {
  [child]: {
    nonce: '0x1',
    balance: '0x3e8',
    code: hexOf(mortal()),
    storage: { '0x0': '0x29', '0x7': '0x4d' },
  },
}

/** Makes, destroys and pays the child in one transaction. */
const all = addressOf(0xb07)
/** Lets the child destroy itself, and fails. */
const breaker = addressOf(0xb4e)
/** Copies the data to memory, so that the maker can be given it. */
const withData = () => new Assembler().op(Op.CALLDATASIZE).push(0).push(0).op(Op.CALLDATACOPY)
const size = initCode.length

const shipped: readonly Shipped[] = [
  {
    // erigontech/erigon #22873, #23982, parallel
    title: 'an empty account that holds storage is touched, and funded by a later transaction',
    forks: ['shanghai', 'osaka'],
    alloc: {
      [empty]: { storage: { '0x7': '0x4d' } },
      [child]: { storage: { '0x0': '0x4d' } },
    },
    slots: [
      [maker, 9, child],
      [child, 0, 2],
      [empty, 7, 0],
      [look, 16, 5],
      [look, 18, 5],
    ],
    blocks: [
      [
        send(0, touch, { data: data(empty) }),
        send(1, empty, { value: '0x5', gas: 21_000 }),
        looking(0, empty, 16),
        send(2, touch, { data: data(child) }),
        send(1, child, { value: '0x5' }),
        make(3, 2),
        count(1, child),
      ],
      [looking(2, empty, 18), count(0, child)],
    ],
  },
  {
    // Galxe/grevm #62, erigontech/erigon #21590, #23025, #23072; NethermindEth/nethermind #11424
    title: 'destroyed, revived by a transfer, made again, looked into',
    forks: ['petersburg', 'shanghai'],
    alloc: aliveChild,
    slots: [
      [look, 16, 7],
      [look, 17, mortal().length],
      [look, 19, 0],
      [child, 7, 0],
    ],
    blocks: [
      [
        count(0, child),
        send(1, child),
        send(2, child, { value: '0x5', gas: 21_000 }),
        make(3),
        count(4, child, { value: '0x2' }),
        looking(5, child, 16),
      ],
      [count(0, child), send(1, child), make(2), send(3, child), looking(4, child, 18)],
    ],
  },
  {
    // risechain/pevm #219, #224, #232
    title: 'plain transfers to an account before and after its end',
    forks: ['shanghai'],
    alloc: aliveChild,
    slots: [[look, 16, 30]],
    blocks: [
      [
        count(0, child, { value: '0x3' }),
        send(1, child),
        ...[2, 3, 4].map((from) => send(from, child, { value: '0xa', gas: 21_000 })),
        looking(0, child, 16),
      ],
    ],
  },
  {
    // 0xPolygon/bor #2403, BlockSTM v2
    title: 'ether that comes after SELFDESTRUCT, in the transaction that made the contract',
    forks: ['shanghai', 'cancun', 'osaka'],
    alloc: {
      [all]: contract(
        keep(
          call(
            keep(
              call(keep(call(withData(), maker, { value: 4, size, gas: 200_000 }), 1), child),
              2,
            ),
            child,
            { value: 9, size: 32 },
          ),
          3,
        ),
      ),
    },
    slots: [
      [all, 3, 1],
      [look, 16, 0],
      [child, 0, 1],
      [look, 18, 2],
    ],
    blocks: [
      [
        send(0, all, { data: hexOf(initCode) }),
        looking(1, child, 16),
        make(2, 2),
        count(3, child),
        looking(4, child, 18),
      ],
    ],
  },
  {
    // erigontech/erigon #22419, parallel
    title: 'a SELFDESTRUCT that is reverted, of a contract made in the same transaction',
    forks: ['shanghai', 'cancun'],
    alloc: {
      [child]: { balance: '0x7' },
      [breaker]: contract(call(new Assembler(), child, { gas: 40_000 }).op(Op.INVALID)),
      [all]: contract(
        keep(
          call(keep(call(withData(), maker, { value: 3, size, gas: 200_000 }), 1), breaker, {
            gas: 60_000,
          }),
          2,
        ),
      ),
    },
    slots: [
      [all, 1, 1],
      [all, 2, 0],
      [look, 16, 10],
      [child, 0, 1],
    ],
    blocks: [[send(0, all, { data: hexOf(initCode) }), looking(1, child, 16), count(2, child)]],
  },
  {
    // erigontech/erigon #22860, parallel; mainnet block 2,675,119
    title: 'a touch of RIPEMD-160 that runs out of gas',
    forks: ['spuriousDragon', 'byzantium'],
    alloc: {
      [addressOf(2)]: {},
      [addressOf(3)]: {},
      [all]: contract(
        keep(
          call(keep(call(new Assembler(), addressOf(3), { gas: 50 }), 1), addressOf(2), {
            gas: 50,
          }),
          2,
        ),
      ),
    },
    slots: [
      [all, 1, 0],
      [all, 2, 0],
    ],
    blocks: [[looking(0, addressOf(3), 16), send(1, all), looking(2, addressOf(3), 18)]],
  },
  {
    // erigontech/erigon #21136, parallel
    title: 'destroyed, and touched with nothing by the next transaction',
    forks: ['homestead', 'tangerineWhistle', 'spuriousDragon', 'shanghai'],
    alloc: aliveChild,
    slots: [[child, 0, 0]],
    blocks: [[send(0, child), send(1, child), looking(2, child, 16), send(3, child)]],
  },
  {
    // erigontech/erigon #23672, parallel: EXTCODEHASH, CALL and SELFDESTRUCT after a touch
    title: 'an absent account is touched with nothing, and then is given something',
    forks: ['byzantium', 'petersburg', 'berlin', 'osaka'],
    alloc: {
      [all]: contract(
        keep(
          call(keep(call(new Assembler(), nobody, { gas: 30_000 }), 1), nobody, {
            value: 1,
            gas: 30_000,
          }),
          2,
        ),
      ),
    },
    slots: [
      [all, 1, 1],
      [all, 2, 1],
      [look, 16, 1],
    ],
    blocks: [
      [
        send(0, touch, { data: data(nobody) }),
        send(1, all),
        looking(2, nobody, 16),
        send(3, touch, { data: data(nobody) }),
      ],
    ],
  },
  {
    // Galxe/grevm #16, #97; risechain/pevm #28, #115; sei-protocol/sei-chain #3938
    title: 'the coinbase is paid, looked at, and sends what it was paid',
    forks: ['byzantium', 'berlin', 'london', 'osaka'],
    alloc: { [signers[9]]: { balance: '0x0' } },
    slots: [[counter, 0, 1]],
    blocks: [
      {
        coinbase: signers[9],
        transactions: [
          send(0, signers[9], { value: '0x38d7ea4c68000', gas: 21_000 }),
          count(1, counter),
          looking(2, signers[9], 16),
          send(9, nobody, { value: '0x1', gas: 21_000 }),
          looking(3, signers[9], 18),
        ],
      },
      { coinbase: signers[9], transactions: [send(9, nobody, { value: '0x1', gas: 21_000 })] },
    ],
  },
  {
    // NethermindEth/nethermind #9803; erigontech/erigon #23967
    title: 'the coinbase is made, destroys itself, is read, and is made again',
    forks: ['petersburg', 'shanghai', 'osaka'],
    slots: [[child, 0, 2]],
    blocks: [
      {
        coinbase: child,
        transactions: [
          looking(0, child, 16),
          make(1, 2),
          send(2, child),
          looking(3, child, 18),
          make(4),
          count(5, child),
          count(6, child, { value: '0x5' }),
        ],
      },
    ],
  },
  {
    // Galxe/grevm #102, Gravity testnet block 1,400,868; Galxe/gravity-reth #385
    title: 'a sender authorizes itself, and others while they have transactions pending',
    forks: ['prague', 'osaka'],
    slots: [
      [signers[0], 0, 2],
      [signers[1], 0, 2],
      [counter, 0, 3],
    ],
    blocks: [
      [
        send(0, counter, {
          type: 4,
          authorizations: [
            { key: 0, address: counter, nonceAhead: 1, chainId: 1 },
            { key: 1, address: counter, nonceAhead: 0, chainId: 0 },
          ],
        }),
        send(0, signers[0], { nonceSkip: 1 }),
        send(1, signers[1], { nonceSkip: 1 }),
        send(1, signers[0]),
        send(0, counter),
      ],
      [send(1, counter), send(0, signers[1])],
    ],
  },
  {
    // 0xPolygon/bor #2264, #2270: code and its hash of two delegations in one call
    title: 'a delegation changes between the calls that follow it',
    forks: ['prague', 'osaka'],
    slots: [
      [signers[1], 0, 3],
      [look, 65, 23],
      [look, 71, 0],
    ],
    blocks: [
      [counter, look, counter, addressOf(0), counter].flatMap((address, i) => [
        send(2, nobody, {
          type: 4,
          authorizations: [{ key: 1, address, nonceAhead: i, chainId: 1 }],
        }),
        send(3, signers[1], { data: data(signers[1], 32 + i) }),
        looking(4, signers[1], 64 + 2 * i),
      ]),
    ],
  },
  {
    // erigontech/erigon #20143, #22142: warm addresses, transient storage, logs of another run
    title: 'what a run did on a wrong guess is nowhere',
    forks: ['berlin', 'cancun', 'osaka'],
    alloc: { [all]: contract(guessing()) },
    slots: [
      [all, 0, 1],
      [all, 5, 0],
      [counter, 0, 0],
      [look, 16, 0],
    ],
    blocks: [
      [
        send(0, all, { data: data(1) }),
        ...[1, 2, 3].map((from) => send(from, all)),
        looking(4, child, 16),
      ],
    ],
  },
  {
    // Withdrawals, and the requests of system calls, come once, and after everything else.
    title: 'system calls, requests and withdrawals around transactions that look at them',
    forks: ['shanghai', 'cancun', 'prague', 'osaka'],
    alloc: {
      ...aliveChild,
      [empty]: { storage: { '0x7': '0x4d' } },
      // The beacon root of the block's time, and the hash before it as the history has it.
      [all]: contract(
        keep(
          asking(keep(asking(new Assembler().op(Op.TIMESTAMP), beaconRoots), 1), blockHashHistory),
          2,
        ),
      ),
    },
    slots: [[empty, 7, 0]],
    blocks: [0, 1].map(() => ({
      transactions: [
        send(0, all),
        send(1, withdrawalRequests, { value: '0x1', data: `0x${'ab'.repeat(56)}` }),
        send(2, consolidationRequests, { value: '0x1', data: `0x${'cd'.repeat(96)}` }),
        send(3, depositContract, { data: depositData(7) }),
        send(4, child),
        send(5, all),
      ],
      withdrawals: [
        { address: child, amount: 3 },
        { address: empty, amount: 0 },
        { address: nobody, amount: 0 },
      ],
    })),
  },
  {
    // erigontech/erigon #21675, #23025: "too many validator-invalid retries"
    title: 'everything meets everything',
    forks: ['shanghai', 'osaka'],
    alloc: aliveChild,
    slots: [[counter, 0, 24]],
    blocks: [
      Array.from({ length: 48 }, (_, i) =>
        i % 4 === 3
          ? looking(i % 5, i % 8 === 3 ? child : counter, 16 + 2 * i)
          : i % 4 === 2
            ? count(i % 5, child, { value: '0x1' })
            : send(i % 5, counter),
      ),
    ],
  },
]

/** With data: sets slot 0. Else, where that is not set: logs, makes the child, warms, writes. */
function guessing(): Assembler {
  const program = new Assembler().op(Op.CALLDATASIZE)
  const set = program.pushLater()
  program.op(Op.JUMPI).push(0).op(Op.SLOAD)
  const right = program.pushLater()
  program.op(Op.JUMPI).push(32).push(0).op(Op.LOG0)
  keep(call(program, counter), 5)
  program.pushHex(look).op(Op.BALANCE)
  keep(program, 6).op(Op.STOP)
  program.fill(right, program.label())
  keep(program.pushHex(look).op(Op.BALANCE), 7).op(Op.STOP)
  program.fill(set, program.label())
  return keep(program.push(1), 0)
}

/** Asks a system contract about the word on the stack (or about the block before); leaves the answer. */
function asking(program: Assembler, system: Hex): Assembler {
  if (system === blockHashHistory) program.push(1).op(Op.NUMBER, Op.SUB)
  program.push(0).op(Op.MSTORE).push(32).push(32).push(32).push(0).pushHex(system).push(50_000)
  return program.op(Op.STATICCALL, Op.POP).push(32).op(Op.MLOAD)
}

const zero = addressOf(0xdd)

function chainOf({ alloc = {}, blocks }: Shipped, fork: string): Promise<BuiltChain> {
  const rich = Object.fromEntries(
    signers.map((signer) => [signer, { balance: '0xde0b6b3a7640000' }]),
  )
  return buildChain({
    forks: [{ name: fork, from: 0 }],
    alloc: { ...systemContracts, ...rich, ...contracts, ...alloc } as never,
    blocks: blocks.map((block) => ({
      delay: 12,
      coinbase: zero,
      transactions: [],
      ...('length' in block ? { transactions: block } : block),
    })),
  })
}

/** Imports a chain with all checks; fails where a transaction ran more often than three times. */
async function importOn(
  state: MemoryState | SourceState,
  chain: BuiltChain,
  options: EngineOptions,
): Promise<void> {
  const engine = await Engine.create({ ...options, common: commonOf(chain.recipe) })
  try {
    const trie = new StateTrie(new MemoryState(chain.alloc))
    const parent = chain.genesis
    const blockHashes = new Map([[0n, parent.hash]])
    // Roots between transactions need the whole state.
    const transactionRoots = state instanceof MemoryState
    const ways = { trie, parent, blockHashes, validate: true, transactionRoots }
    let blocks = 0
    for await (const { report, transactionCount } of engine.executeBlocks(chain.blocks, {
      state: state as MemoryState,
      ...ways,
    })) {
      blocks++
      assert.ok(report.executions <= 3 * transactionCount, `${report.executions} runs`)
      for (const { incarnations } of report.transactions) assert.ok(incarnations <= 3)
    }
    assert.is(blocks, chain.blocks.length)
    assert.is(trie.root, chain.headers[blocks].stateRoot)
  } finally {
    engine.close()
  }
}

/** A state that is asked for every account and slot, and answers later. */
function sourceOf(chain: BuiltChain): SourceState {
  const known = new MemoryState(chain.alloc)
  const later = async <Value>(value: Value): Promise<Value> => {
    await new Promise((resolve) => setImmediate(resolve))
    return value
  }
  return new SourceState({
    getAccount: (address) => later(known.getAccount(address)),
    getStorage: (address, slot) => later(known.getStorage(address, slot)),
    getCode: (_, address) => later(known.getCode(address)),
  })
}

/** A policy with a number of threads. */
type Way = readonly [policy: PolicyName, threads: number]

for (const bug of shipped) {
  for (const fork of bug.forks) {
    bugs(`${bug.title}: ${fork}`, async () => {
      const chain = await chainOf(bug, fork)
      assert.is(chain.dropped, 0)
      assert.is(chain.blocks.length, bug.blocks.length)
      const disagreement = await judge(chain)
      assert.is(disagreement && `block ${disagreement.block}: ${disagreement.text}`, undefined)
      const importAs = async (how: string, state: MemoryState | SourceState, ...options: Way) => {
        try {
          await importOn(state, chain, { policy: options[0], threads: options[1] })
        } catch (error) {
          // Its details are not for uvu.
          throw new Error(`${how}, ${options.join(', ')} threads: ${String(error)}`)
        }
      }
      for (const policy of policies) {
        for (const threads of threadCounts) {
          for (let i = 0; i < (policy === 'sequential' ? 1 : repetitions); i++) {
            const state = new MemoryState(chain.alloc)
            await importAs('in memory', state, policy, threads)
            for (const [address, slot, value] of bug.slots) {
              assert.is(
                BigInt(state.getStorage(address, data(slot))),
                BigInt(value),
                `slot ${slot}`,
              )
            }
          }
        }
        await importAs('from a source', sourceOf(chain), policy, 2)
      }
    })
  }
}

bugs('the bytes that init code is are the ones that its address is made of', () => {
  assert.is(hexToBytes(child as PrefixedHexString).length, 20)
  assert.is.not(child, generateAddress2Of(Uint8Array.of(...initCode, 0)))
})

bugs.run()
