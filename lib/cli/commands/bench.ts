/** The declaration of `braid bench`. */

import { availableParallelism } from 'node:os'
import { listOf, policyName, share, threadCount, wholeNumber } from '../options.js'
import { Option, type Program } from './commander.js'
import { chain, examples, json, state, vm } from './shared.js'

/** A second, in microseconds: what is slower is not a state that blocks are executed on. */
const longestLatency = 1e6

/** Declares the command. */
export function declareBench(program: Program): void {
  program
    .command('bench')
    .summary('measure blocks and made workloads')
    .description(
      'Measures blocks, and workloads that it makes, under each policy with each number of threads: ' +
        'the time for recovering senders and executing (native), which workers do in one go, and that ' +
        'from the block to its compared header (whole), each compared with sequential execution on ' +
        'one thread.',
    )
    .argument('[block...]', 'a block as braid execute takes it, without a witness, or a folder')
    .option(
      '--workload <names>',
      'all, or some of transfers-independent, transfers-to-one, transfers-from-few, transfers-chain, ' +
        'deposits, erc20, erc20-hot, uniswap-pools, uniswap-one-pool, nft-mint, game, defi, ' +
        'worst-case, separated by commas',
      listOf,
    )
    .addOption(
      new Option('--threads <numbers>', 'the numbers of threads, separated by commas')
        .argParser((text) => listOf(text).map((count) => threadCount(count, 1)))
        .default([...new Set([1, availableParallelism()])], '1 and one per core'),
    )
    .addOption(
      new Option(
        '--policy <names>',
        'the policies, separated by commas. What adaptive learns in one repetition it knows in the next',
      )
        .argParser((text) => listOf(text).map(policyName))
        .default(['sequential' as const, 'optimistic' as const], 'sequential,optimistic'),
    )
    .option(
      '--repeat <n>',
      'how often; medians are shown',
      (text) => wholeNumber('repeat', text, 1, 10_000),
      7,
    )
    .option(
      '--latency <n>',
      'let every read of an account or a slot take so many microseconds, as from a disk',
      (text) => wholeNumber('latency', text, 0, longestLatency),
      0,
    )
    .option(
      '--transactions <n>',
      'how many transactions a workload has; without it what 30 million gas take',
      (text) => wholeNumber('transactions', text, 0),
    )
    .option('--accounts <n>', 'how many senders', (text) => wholeNumber('accounts', text, 0))
    .option('--hot <share>', 'the share, 0 to 1, that goes to one place', (text) =>
      share('hot', text),
    )
    .option('--seed <n>', 'decides the rest', (text) => wholeNumber('seed', text, 0))
    .addOption(chain)
    .addOption(state)
    .addOption(vm)
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid bench --workload all',
        'braid bench --workload erc20 --hot 0.2 --threads 1,2,4 --latency 50',
        'braid bench blocks/ --policy sequential,adaptive --json > measured.json',
        'braid bench blocks/ --chain genesis.json --state prestate.json',
      ),
    )
    .action(async (blocks, options) => {
      const { bench } = await import('../bench.js')
      process.exitCode = await bench(blocks, options)
    })
}
