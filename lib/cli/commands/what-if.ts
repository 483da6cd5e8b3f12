/** The declaration of `braid what-if`. */

import { gasCostChange } from '../options.js'
import type { Program } from './commander.js'
import { cache, chain, examples, json, rpc, state, threads } from './shared.js'

/** Declares the command. */
export function declareWhatIf(program: Program): void {
  program
    .command('what-if')
    .summary('compare blocks under their own rules with other rules')
    .description(
      'Executes blocks under their own rules and, each transaction on the state before it, under those of ' +
        'another hardfork or with other gas costs. Says which transactions fail, cannot be in the block any ' +
        'more, or do something else, in which call they part, and with how much gas they would succeed.',
    )
    .argument('<block...>', 'blocks as braid execute takes them')
    .option('--fork <name>', 'the hardfork of the other rules. Default: that of the block')
    .option(
      '--set <name=gas>',
      'a gas cost that is other, by a name of docs/repricing.md; may be given again and again',
      (text: string, before: Readonly<Record<string, bigint>>) => ({
        ...before,
        ...gasCostChange('set', text),
      }),
      {},
    )
    .option('--base <name>', 'the hardfork to compare with. Default: that of the block')
    .addOption(chain)
    .addOption(state)
    .addOption(rpc)
    .addOption(cache)
    .addOption(threads)
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid what-if --fork osaka 19426586.json.gz',
        'braid what-if --set coldSload=4200 --set keccak256Word=12 blocks/*.json.gz',
        "braid what-if --set LT=9 block.json --json | jq '.blocks[].verdicts'",
        'braid what-if --fork osaka --rpc http://127.0.0.1:8545 19426586',
      ),
    )
    .action(async (blocks, options) => {
      const { whatIf } = await import('../what-if.js')
      process.exitCode = await whatIf(blocks, options)
    })
}
