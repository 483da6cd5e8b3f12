/** The declaration of `braid execute`. */

import type { Program } from './commander.js'
import {
  cache,
  chain,
  examples,
  json,
  policy,
  policyMeanings,
  rpc,
  state,
  threads,
  vm,
} from './shared.js'

/** Declares the command. */
export function declareExecute(program: Program): void {
  program
    .command('execute')
    .summary('execute blocks, compare them with their headers')
    .description(
      'Executes blocks and checks everything that their headers allow. With a witness the state root ' +
        'is checked, too. With --state each of several blocks continues where the last one ended.',
    )
    .argument(
      '<block...>',
      'a file with {block, preState, blockHashes} or {block, parentStateRoot, witness}, a JSON-RPC ' +
        'block with full transactions, or an RLP block (bytes or hex). What is packed by gzip is ' +
        'unpacked; - is standard input',
    )
    .addOption(chain)
    .addOption(state)
    .addOption(rpc)
    .addOption(cache)
    .addOption(vm)
    .addOption(threads)
    .addOption(policy('adaptive', policyMeanings))
    .option('--report', 'say how each block was executed: runs, conflicts, critical path')
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid execute 19426586.json.gz',
        'braid execute block.rlp --state prestate.json --vm evmone',
        'braid execute blocks/*.json.gz --report',
        "braid execute witness.json.gz --json | jq -r '.blocks[].stateRoot'",
        'braid execute --rpc http://127.0.0.1:8545 19426586',
        'braid execute --rpc http://127.0.0.1:8545 --cache answers 19426586',
        'curl -s $URL/block.json | braid execute - --state prestate.json',
      ),
    )
    .action(async (blocks, options) => {
      const { execute } = await import('../execute.js')
      process.exitCode = await execute(blocks, options)
    })
}
