/** The declaration of `braid inspect`. */

import { wholeNumber } from '../options.js'
import type { Program } from './commander.js'
import { chain, examples, json, policy, state, threads, vm } from './shared.js'

/** Declares the command. */
export function declareInspect(program: Program): void {
  program
    .command('inspect')
    .summary('show how a block was executed: who ran what, and when')
    .description(
      'Executes a block and says how: which worker ran what, what was thrown away and why, and which ' +
        'locations are hot.',
    )
    .argument('<block>', 'a block as braid execute takes it')
    .option(
      '--html <file>',
      'write a page that shows it over time, to be opened in a browser; it needs nothing but itself',
    )
    .option(
      '--repeat <n>',
      'execute so many times and show the quickest',
      (text) => wholeNumber('repeat', text, 1),
      1,
    )
    .addOption(policy('optimistic'))
    .addOption(chain)
    .addOption(state)
    .addOption(vm)
    .addOption(threads)
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid inspect 19426586.json.gz',
        'braid inspect 19426586.json.gz --html timelines.html --repeat 20',
        'braid inspect block.rlp --state prestate.json --threads 4 --json',
      ),
    )
    .action(async (block, options) => {
      const { inspect } = await import('../inspect.js')
      process.exitCode = await inspect(block, options)
    })
}
