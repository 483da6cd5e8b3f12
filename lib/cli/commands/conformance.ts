/** The declarations of `braid statetest`, `braid blocktest` and `braid tracetest`. */

import { availableParallelism } from 'node:os'
import { tracerNames } from '../../trace/index.js'
import { traceOptions } from '../evm-tool/trace-flags.js'
import { choice, pattern, threadCount, wholeNumber } from '../options.js'
import { Option, type Program } from './commander.js'
import { examples, json, policy, threads, vm } from './shared.js'

const paths = 'files, or folders with all that is in them; - is standard input'

const workers = new Option('--workers <n>', 'how many files to run at once')
  .argParser((text) => wholeNumber('workers', text, 1, 1024))
  .default(availableParallelism(), 'one per core')

/** Declares `braid statetest`. */
export function declareStateTest(program: Program): void {
  program
    .command('statetest')
    .summary('run state tests')
    .description(
      'Runs state tests (GeneralStateTests format). Prints a line per failure, then "N passed, N ' +
        'failed, N skipped". With --trace it prints what `evm statetest --trace` of geth does, and ends with ' +
        '0 whether tests pass or not: for each instruction a line on standard error (EIP-3155), for each case ' +
        'its state root there, and what became of the cases as JSON on standard output.',
    )
    .argument('[path...]', `${paths}. With --trace and without any: their names, a line each`)
    .option('--fork <name>', 'only this fork, as the tests spell it (Cancun, EIP158, ...)')
    .addOption(new Option('--statetest.fork <name>', 'the same as --fork'))
    .addOption(
      new Option('--trace', 'print every instruction, as geth does').conflicts([
        'json',
        'traceCheck',
        'skipSlow',
      ]),
    )
    .addOption(new Option('--trace.format <name>', 'json, and nothing else').choices(['json']))
    .addOption(traceOptions.memory)
    .addOption(traceOptions.noMemory)
    .addOption(traceOptions.noStack)
    .addOption(traceOptions.noStorage)
    .addOption(traceOptions.returnData)
    .addOption(traceOptions.noReturnData)
    .addOption(traceOptions.callFrames)
    .addOption(
      new Option(
        '--form <client>',
        "with --trace: whose lines, those of geth's evm or Besu's evmtool",
      )
        .choices(['geth', 'besu'] as const)
        .default('geth' as const),
    )
    .option('--trace.noeip-3155', 'in the form of Besu: numbers are decimal')
    .option('--statetest.index <n>', 'with --trace: only this case of each test, from 0', (text) =>
      wholeNumber('statetest.index', text, 0),
    )
    .option('--run <regex>', 'with --trace: only tests whose names match', (text) =>
      pattern('run', text),
    )
    .option(
      '--trace-check',
      'trace each case as well, throw the lines away, and compare gas, output and root with the case untraced',
    )
    .addOption(workers)
    .option('--skip-slow', 'leave out the files in folders named slow')
    .addOption(vm)
    .addOption(threads)
    .addOption(policy('sequential'))
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid statetest tests/GeneralStateTests',
        'braid statetest tests/GeneralStateTests --fork Cancun --vm evmone',
        "braid statetest failing.json --workers 1 --json | jq '.failures[]'",
        'braid statetest failing.json --trace 2> failing.jsonl',
        'braid statetest tests/GeneralStateTests --trace-check',
      ),
    )
    .action(async (files, options) => {
      const fork = options.fork ?? options['statetest.fork']
      const index = options['statetest.index']
      if (options.trace) {
        const { traceStateTests } = await import('../statetest/trace.js')
        process.exitCode = await traceStateTests(files, { ...options, fork, index })
        return
      }
      const { stateTest } = await import('../statetest.js')
      process.exitCode = await stateTest(files, { ...options, fork })
    })
}

/** Declares `braid blocktest`. */
export function declareBlockTest(program: Program): void {
  program
    .command('blocktest')
    .summary('run block tests')
    .description(
      'Runs block tests (BlockchainTests format). Imports valid and invalid blocks, checks headers, ' +
        'ommers, receipts and state roots, and for each rejected block the reason.',
    )
    .argument('<path...>', paths)
    .option(
      '--fork <name>',
      'only this network, as the tests spell it (Osaka, FrontierToHomesteadAt5, ...)',
    )
    .addOption(workers)
    .addOption(
      new Option('--state <kind>', 'where the state is kept')
        .choices(['memory', 'lmdb'])
        .default('memory'),
    )
    .addOption(vm)
    .option(
      '--threads <n>',
      'the most threads for a block; 0: one per core',
      (text) => threadCount(text),
      1,
    )
    .addOption(policy('sequential'))
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid blocktest tests/BlockchainTests',
        'braid blocktest tests/BlockchainTests/ValidBlocks --fork Osaka',
        'braid blocktest tests/BlockchainTests --policy optimistic --threads 2',
        'braid blocktest tests/BlockchainTests --state lmdb',
      ),
    )
    .action(async (files, options) => {
      const { blockTest } = await import('../blocktest.js')
      process.exitCode = await blockTest(files, options)
    })
}

/** Declares `braid tracetest`. */
export function declareTraceTest(program: Program): void {
  program
    .command('tracetest')
    .summary("run tests of geth's tracers")
    .description(
      "Runs tests of tracers in geth's form: a file each with a genesis, a context, a transaction and what " +
        'a tracer says of it. Which tracer that is the name of the folder tells, as in geth: ' +
        'call_tracer, call_tracer_withLog, call_tracer_flat, prestate_tracer, ' +
        'prestate_tracer_with_diff_mode. Files in other folders are skipped.',
    )
    .argument('<path...>', paths)
    .option('--tracer <name>', 'the tracer of all files, whatever their folders', (text) =>
      choice('tracer', text, tracerNames),
    )
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid tracetest testdata',
        'braid tracetest failing.json --tracer prestateTracer --json',
      ),
    )
    .action(async (files, options) => {
      const { traceTest } = await import('../tracetest.js')
      process.exitCode = await traceTest(files, options)
    })
}
