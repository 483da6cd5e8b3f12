/** What other rules do to the contracts that a block's transactions run. */

import type { Hex } from '../hex/index.js'
import type { PackedFrames } from '../trace/index.js'
import type { Divergence } from './divergence.js'
import type { PackedRun } from './packed-runs.js'
import type { Verdict } from './verdict.js'

/** A contract, or an account without code, under two sets of rules. */
export interface ContractComparison {
  /** Whose code it is. */
  readonly address: Hex
  /** How many transactions have called it, by themselves or through others. */
  readonly transactions: number
  /** How many of them have got which verdict; those of none are left out. */
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>
  /** In how many of them it was the first one whose call was not the same. */
  readonly divergences: number
  /**
   * The gas of its own frames, without those below them, in transactions that are valid under both rules. What a
   * transaction pays before it runs counts for the contract that it calls, refunds as well.
   */
  readonly gasUsed: readonly [bigint, bigint]
}

/** What a comparison of a transaction says of the contracts that it runs. */
interface ComparedCalls {
  readonly verdict: Verdict
  readonly divergence?: Divergence | undefined
}

interface Counts {
  transactions: number
  divergences: number
  readonly verdicts: Partial<Record<Verdict, number>>
  readonly gas: [number, number]
}

/** Adds up by contract. The runs are those of the comparisons, in the same order. */
export function contractsOf(
  comparisons: readonly ComparedCalls[],
  runs: readonly (readonly [PackedRun, PackedRun])[],
): ContractComparison[] {
  const contracts = new Map<Hex, Counts>()
  const countsOf = (address: Hex): Counts => {
    let counts = contracts.get(address)
    if (counts === undefined) {
      counts = { transactions: 0, divergences: 0, verdicts: {}, gas: [0, 0] }
      contracts.set(address, counts)
    }
    return counts
  }
  for (const [i, { verdict, divergence }] of comparisons.entries()) {
    const pair = runs[i]
    const areValid = pair[0].isValid && pair[1].isValid
    const called = new Set<Hex>()
    for (const side of [0, 1] as const) {
      for (const [address, gas] of ownGasOf(pair[side].frames)) {
        called.add(address)
        if (areValid) countsOf(address).gas[side] += gas
      }
    }
    for (const address of called) {
      const counts = countsOf(address)
      counts.transactions += 1
      counts.verdicts[verdict] = (counts.verdicts[verdict] ?? 0) + 1
    }
    if (divergence !== undefined) countsOf(divergence.to).divergences += 1
  }
  const list = Array.from(contracts, ([address, { gas, ...counts }]) => ({
    address,
    ...counts,
    gasUsed: [BigInt(gas[0]), BigInt(gas[1])] as const,
  }))
  const change = ({ gasUsed: [a, b] }: ContractComparison) => Math.abs(Number(b - a))
  return list.sort((a, b) => change(b) - change(a) || (a.address < b.address ? -1 : 1))
}

/** The gas of each frame without that of the frames below it, by whose code it runs. */
function* ownGasOf(frames: PackedFrames): Generator<[Hex, number]> {
  const own: number[] = []
  const open: number[] = []
  for (let i = 0; i < frames.length; i++) {
    open.length = frames.depth(i)
    own.push(frames.gasUsed(i))
    const caller = open.at(-1)
    if (caller !== undefined) own[caller] -= frames.gasUsed(i)
    open.push(i)
  }
  for (const [i, gas] of own.entries()) yield [frames.to(i), gas]
}
