/** The declarations of `braid logs` and `braid receipts`. */

import { addressList, topicPosition } from '../options.js'
import type { Program } from './commander.js'
import { cache, chain, examples, json, rpc, state, threads } from './shared.js'

/** Declares `braid logs`. */
export function declareLogs(program: Program): void {
  program
    .command('logs')
    .summary('print the logs of blocks, filtered as eth_getLogs does')
    .description(
      'Executes blocks, checks them against their headers, and prints the logs that are wanted: for ' +
        'people, or with --json as eth_getLogs gives them, all in one list.',
    )
    .argument('<block...>', 'blocks as braid execute takes them')
    .option('--address <address,...>', 'only logs of these contracts', (text) =>
      addressList('address', text),
    )
    .option(
      '--topic <topic,...>',
      'one of these at the next position, or null for any; the first --topic is the first position',
      topicPosition,
    )
    .addOption(chain)
    .addOption(state)
    .addOption(rpc)
    .addOption(cache)
    .addOption(threads)
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid logs 19426586.json.gz',
        'braid logs --address 0xdac17f958d2ee523a2206206994597c13d831ec7 block.json',
        'braid logs --topic null --topic $SENDER --topic $RECIPIENT block.json',
        "braid logs --json blocks/*.json.gz | jq -r '.[].data'",
      ),
    )
    .action(async (blocks, options) => {
      const { logs } = await import('../outputs.js')
      process.exitCode = await logs(blocks, options)
    })
}

/** Declares `braid receipts`. */
export function declareReceipts(program: Program): void {
  program
    .command('receipts')
    .summary('print the receipts of blocks')
    .description(
      'Executes blocks, checks them against their headers, and prints their receipts: for people, or ' +
        'with --json as eth_getBlockReceipts gives them, all in one list.',
    )
    .argument('<block...>', 'blocks as braid execute takes them')
    .addOption(chain)
    .addOption(state)
    .addOption(rpc)
    .addOption(cache)
    .addOption(threads)
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid receipts 19426586.json.gz',
        'braid receipts --json block.json | jq \'.[] | select(.status == "0x0")\'',
        'braid receipts --rpc http://127.0.0.1:8545 19426586',
      ),
    )
    .action(async (blocks, options) => {
      const { receipts } = await import('../outputs.js')
      process.exitCode = await receipts(blocks, options)
    })
}
