/** Blocks under two sets of rules. */

import type { Common } from '@ethereumjs/common'
import { checkFlags, checkOptions, demand, type MembersOf } from '../arguments.js'
import type { BlockSource } from '../block/index.js'
import { errorFor } from '../errors.js'
import { withJson } from '../json.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockInput, Transaction } from '../native/wire.js'
import { checkState } from '../state/readable-state.js'
import { State } from '../state/state.js'
import { tracesIn } from '../trace/index.js'
import {
  type BlockComparison,
  type ComparedRules,
  codeOf,
  compareRuns,
  contractsOf,
  mayLackGas,
  PackedRun,
  type ResolvedRules,
  type RuleSet,
  resolveRules,
  type TransactionComparison,
  underOtherRules,
  type Verdict,
  verdicts,
} from '../what-if/index.js'
import type { PreparedBlock } from './block-execution.js'
import type { BlockResult } from './block-result.js'
import type { TracingSteps } from './block-tracing.js'
import { checkSignal, checkTimeout } from './cancellation.js'
import { blockMembers, checkBlockFlags, type ExecuteBlockOptions } from './options.js'
import { checkTraceable } from './trace-options.js'

/** How a block is compared under two sets of rules. */
export interface CompareOptions extends Omit<ExecuteBlockOptions, 'transactionRoots'> {
  /**
   * The rules to compare: a hardfork by its name, or an object that says what is not as in the block's own rules.
   * `{}` are the block's own.
   */
  readonly rules: readonly [RuleSet, RuleSet]
  /**
   * Whether to search for the gas limit with which a transaction would succeed that lacks gas under the second
   * rules. Default true.
   */
  readonly searchGas?: boolean | undefined
}

const { transactionRoots: _, ...executionMembers } = blockMembers

const members: MembersOf<CompareOptions> = { ...executionMembers, rules: true, searchGas: true }

/** Compares a block under two sets of rules. */
export async function compareBlock(
  steps: TracingSteps,
  common: Common,
  source: BlockSource,
  options: CompareOptions,
): Promise<BlockComparison> {
  checkOptions(options, members)
  const { rules: given, searchGas = true, ...execution } = options
  const { state, signal, timeout } = execution
  checkTraceable(steps.isTraceable)
  checkBlockFlags(execution)
  checkFlags(options, 'searchGas')
  checkSignal(signal)
  checkTimeout(timeout)
  checkState(state)
  demand(Array.isArray(given) && given.length === 2, 'rules', 'two sets of rules', given)
  const prepared = steps.prepare(source, execution)
  const rules = [0, 1].map((i) => resolveRules(common, prepared.ruleset, given[i], `rules[${i}]`))
  // The state may move on between the executions.
  const taken = state instanceof State ? state.snapshot() : undefined
  try {
    const run = (under: ResolvedRules, searches: readonly number[]) =>
      runUnder(steps, prepared, { ...execution, state: taken ?? state }, under, searches)
    const before = await run(rules[0], [])
    const after = await run(rules[1], [])
    const pairs = before.runs.map((first, i) => [first, after.runs[i]] as const)
    const lacking = searchGas ? pairs.flatMap((pair, i) => (mayLackGas(pair) ? [i] : [])) : []
    const found = lacking.length === 0 ? after : await run(rules[1], lacking)
    const compared = pairs.map(([first], i) => [first, found.runs[i]] as const)
    return comparisonOf(prepared, before.result, rules, compared)
  } finally {
    await taken?.[Symbol.asyncDispose]()
  }
}

/** Executes a block by its own rules, and its transactions by others beside. */
async function runUnder(
  steps: TracingSteps,
  prepared: PreparedBlock,
  options: ExecuteBlockOptions,
  rules: ResolvedRules,
  searches: readonly number[],
): Promise<{ readonly result: BlockResult; readonly runs: readonly PackedRun[] }> {
  const trace = (input: Uint8Array) => underOtherRules(input, rules, searches)
  const result = await steps.execute(prepared, options, { trace, on: options.state })
  checkSignal(options.signal)
  const runs = tracesIn(result.packed).map((bytes) => new PackedRun(bytes))
  for (const [txIndex, run] of runs.entries()) {
    const code = codeOf(run)
    if (code !== undefined && !code.startsWith('TX_')) throw errorFor(code, { txIndex })
  }
  return { result, runs }
}

function comparisonOf(
  { block, input }: PreparedBlock,
  { receipts }: BlockResult,
  rules: readonly ResolvedRules[],
  runs: readonly (readonly [PackedRun, PackedRun])[],
): BlockComparison {
  const packed = new PackedReader(input)
  const first = packed.sectionOffset(BlockInput.transactions) + Transaction.gasLimit
  const transactions = runs.map((pair, txIndex): TransactionComparison => {
    const { from, to } = receipts[txIndex]
    const gasLimit = packed.u64(first + txIndex * Transaction.SIZE)
    const txHash = block.transactions.hash(txIndex)
    return compareRuns({ txIndex, txHash, from, to, gasLimit }, pair)
  })
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<
    Verdict,
    number
  >
  const gasUsed: [bigint, bigint] = [0n, 0n]
  for (const { verdict, runs: pair } of transactions) {
    counts[verdict] += 1
    const [{ gasUsed: a }, { gasUsed: b }] = pair
    if (a === undefined || b === undefined) continue
    gasUsed[0] += a
    gasUsed[1] += b
  }
  return withJson({
    number: block.number,
    hash: block.hash,
    rules: [shown(rules[0]), shown(rules[1])] as const,
    transactions,
    verdicts: counts,
    gasLimit: block.header.gasLimit,
    gasUsed,
    contracts: contractsOf(transactions, runs),
  })
}

function shown({ hardfork, gasCosts }: ResolvedRules): ComparedRules {
  return { hardfork, gasCosts }
}
