/** The declaration of `braid demo`. */

import { choice, wholeNumber } from '../options.js'
import type { Program } from './commander.js'
import { examples, json, vm } from './shared.js'

const parts = ['all', 'real', 'made'] as const

/** Declares the command. */
export function declareDemo(program: Program): void {
  program
    .command('demo')
    .summary('execute real blocks and a made one in three ways, compare')
    .description(
      'Executes three blocks of Ethereum mainnet that come with the package, and a busy block that it ' +
        'makes (ether, OpenZeppelin tokens, Uniswap V3 swaps): in parallel, on one thread, and on ' +
        '@ethereumjs/vm where that is installed. Checks that all agree with the headers, and writes a ' +
        'page that shows who ran what and when.',
    )
    .option(
      '--part <part>',
      'which blocks: all, real or made',
      (text): (typeof parts)[number] => choice('part', text, parts),
      'all',
    )
    .option(
      '--transactions <n>',
      'how many transactions the made block has; without it what 30 million gas take',
      (text) => wholeNumber('transactions', text, 1),
    )
    .option(
      '--repeat <n>',
      'how often to execute each; medians are shown',
      (text) => wholeNumber('repeat', text, 1),
      15,
    )
    .option('--html <file>', 'where the page goes', 'braid-demo.html')
    .addOption(vm)
    .addOption(json)
    .addHelpText(
      'after',
      examples('braid demo', 'braid demo --transactions 500 --html timelines.html'),
    )
    .action(async (options) => {
      const { demo } = await import('../demo.js')
      process.exitCode = await demo(options)
    })
}
