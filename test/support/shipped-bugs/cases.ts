/**
 * Consensus bugs that other engines shipped, parallel ones above all, as blocks in which they would
 * show. Each names the project and the thread.
 */

import { bytesToHex } from '../../../lib/hex/index.js'
import type { Hex } from '../../../lib/index.js'
import { Assembler, Op } from '../chain-generator/assembler.js'
import { signers } from '../chain-generator/keys.js'
import type { AccountRecipe, BlockRecipe, TransactionRecipe } from '../chain-generator/recipe.js'
import {
  beaconRoots,
  blockHashHistory,
  consolidationRequests,
  depositContract,
  depositData,
  withdrawalRequests,
} from '../chain-generator/system-contracts.js'
import {
  addressOf,
  asking,
  call,
  child,
  contract,
  count,
  counter,
  data,
  empty,
  guessing,
  initCode,
  keep,
  look,
  looking,
  make,
  maker,
  mortal,
  nobody,
  send,
  touch,
} from './contracts.js'

/** A bug: blocks in which it would show, on forks in which it could. */
export interface ShippedBug {
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
    code: bytesToHex(mortal()),
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

export const shippedBugs: readonly ShippedBug[] = [
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
        send(0, all, { data: bytesToHex(initCode) }),
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
    blocks: [
      [send(0, all, { data: bytesToHex(initCode) }), looking(1, child, 16), count(2, child)],
    ],
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
    // ethereum/go-ethereum #35775: the calls at the end of a block see what withdrawals have paid
    title: 'a withdrawal pays a contract that is called at the end of the block',
    forks: ['prague', 'osaka'],
    alloc: { [withdrawalRequests]: contract(keep(new Assembler().op(Op.SELFBALANCE), 0)) },
    slots: [[withdrawalRequests, 0, 3_000_000_100]],
    blocks: [
      {
        transactions: [send(0, withdrawalRequests), looking(1, withdrawalRequests, 16)],
        withdrawals: [{ address: withdrawalRequests, amount: 3 }],
      },
    ],
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
