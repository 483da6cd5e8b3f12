/** The declarations of `braid import` and `braid state`. */

import { wholeNumber } from '../options.js'
import type { Program } from './commander.js'
import { examples, json, policy, threads, vm } from './shared.js'

/** Declares `braid import`. */
export function declareImport(program: Program): void {
  program
    .command('import')
    .summary('import the blocks of files into a state that lasts')
    .description(
      'Imports blocks one after another, checks each against its header and its state root, and goes on ' +
        'where an earlier import into the same folder ended, however it ended.',
    )
    .argument(
      '<file...>',
      'files of RLP blocks one behind the other, or era1 files, in their order. What is packed by gzip ' +
        'is unpacked; - is standard input',
    )
    .option(
      '--chain <chain>',
      'whose rules hold: mainnet, sepolia, hoodi, holesky, or the path of a genesis file. Without it, those ' +
        'of --genesis',
    )
    .option(
      '--genesis <file>',
      "the genesis file, in geth's form: the accounts that the chain begins with. Without it, the one that " +
        '--chain names',
    )
    .requiredOption('--data <folder>', 'where the state is; it is made where there is none')
    .option('--to <n>', 'the last block', (text) => BigInt(wholeNumber('to', text, 1)))
    .option(
      '--merge-block <n>',
      'the first block after the merge, where the genesis file does not say',
      (text) => BigInt(wholeNumber('merge-block', text, 0)),
    )
    .option(
      '--no-validate',
      'do not check what needs no execution, such as difficulty: for chains of tests',
    )
    .addOption(vm)
    .addOption(threads)
    .addOption(policy('adaptive'))
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid import chain.rlp.gz --genesis genesis.json --data data',
        'braid import *.era1 --chain mainnet --genesis main.json --data data --json',
      ),
    )
    .action(async (files, options) => {
      const { importBlocks } = await import('../import.js')
      process.exitCode = await importBlocks(files, options)
    })
}

/** Declares `braid state`. */
export function declareState(program: Program): void {
  program
    .command('state')
    .summary('say what the state in a folder is')
    .description('Says which block a state of braid import is after, and how large it is.')
    .argument('<folder>', 'what braid import --data was given')
    .option('--check', 'compute the root of all accounts anew and compare it')
    .addOption(json)
    .addHelpText('after', examples('braid state data', 'braid state data --check --json'))
    .action(async (folder, options) => {
      const { showState } = await import('../state.js')
      process.exitCode = await showState(folder, options)
    })
}
