/** The declaration of `braid trace`. */

import { tracerNames } from '../../trace/index.js'
import { choice, jsonObject, parityTypes } from '../options.js'
import type { Program } from './commander.js'
import { cache, chain, examples, json, policy, policyMeanings, state, threads } from './shared.js'

/** Declares the command. */
export function declareTrace(program: Program): void {
  program
    .command('trace')
    .summary('show what the transactions of a block do')
    .description(
      'Executes a block, checks it against its header, and shows what a tracer of geth says of its ' +
        'transactions: for people, or with --json what debug_traceBlockByNumber answers, and with --tx ' +
        'what debug_traceTransaction does. With --parity it is what trace_replayBlockTransactions answers.',
    )
    .argument('<block>', 'a block as braid execute takes it')
    .option(
      '--tx <transaction>',
      'only this one, by its place from 0 or its hash: those after it are not executed, and the ' +
        'header is not checked',
    )
    .option(
      '--tracer <name>',
      `${tracerNames.join(', ')}; structLogs and eip3155 are every instruction`,
      (text) => choice('tracer', text, tracerNames),
      'callTracer' as const,
    )
    .option(
      '--parity <types>',
      'what trace_replayBlockTransactions of OpenEthereum, Besu and Erigon answers, in place of a tracer ' +
        'of geth: trace, stateDiff, vmTrace, with commas between them',
      parityTypes,
    )
    .option(
      '--config <json>',
      "what the tracer is asked for, with geth's names: an object",
      (text) => jsonObject('config', text),
    )
    .addOption(chain)
    .addOption(state)
    .option(
      '--rpc <url>',
      'a node that has the block and the state before it: the block is then a number, a hash, latest, ' +
        'safe or finalized',
    )
    .addOption(cache)
    .addOption(threads)
    .addOption(policy('adaptive', policyMeanings))
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid trace 19426586.json.gz',
        'braid trace 19426586.json.gz --tx 7 --config \'{"withLog":true}\'',
        'braid trace 19426586.json.gz --tracer prestateTracer --json > prestate.json',
        "braid trace 19426586.json.gz --tracer 4byteTracer --json | jq '.[].result'",
        'braid trace 19426586.json.gz --parity trace,stateDiff --json > replay.json',
        'braid trace --rpc http://127.0.0.1:8545 19426586 --tx 7 --tracer structLogs',
      ),
    )
    .action(async (block, options) => {
      const { trace } = await import('../trace.js')
      process.exitCode = await trace(block, options)
    })
}
