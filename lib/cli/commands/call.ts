/** The declaration of `braid call`. */

import { traceOptions } from '../evm-tool/trace-flags.js'
import { wholeAmount } from '../options.js'
import { Option, type Program } from './commander.js'
import { cache, chain, examples, json, state } from './shared.js'

/** Declares the command. */
export function declareCall(program: Program): void {
  program
    .command('call')
    .summary('ask the state: run a call that nobody signs')
    .description(
      'Runs a call on a state, which stays as it is, and says what became of it: what it returned, why it was ' +
        'reverted, what it logged. Nothing is paid. Ends with 1 where the call does not succeed.',
    )
    .option('--to <address>', 'who is called. Without it a contract is created')
    .option('--data <hex>', 'the data of the call, or the init code')
    .option('--from <address>', 'who calls; the zero address where nobody is named')
    .option('--value <wei>', 'what is moved, decimal or hex', (text) => wholeAmount('value', text))
    .option('--gas <n>', 'the most gas that it may use', (text) => wholeAmount('gas', text))
    .addOption(state)
    .option(
      '--block <block>',
      'the block that it is run in: a file as braid execute takes it, whose preState does for --state; ' +
        'with --rpc a number, a hash, latest, safe or finalized. Without one a block is made up for now',
    )
    .option('--fork <name>', 'whose rules hold, whatever the block says')
    .addOption(chain)
    .option(
      '--rpc <url>',
      'a node that has the state after the block, the latest one where none is named',
    )
    .addOption(cache)
    .addOption(
      new Option('--trace', 'print every instruction on standard error, as a line of EIP-3155'),
    )
    .addOption(traceOptions.memory)
    .addOption(traceOptions.noStack)
    .addOption(traceOptions.returnData)
    .addOption(traceOptions.callFrames)
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid call --state alloc.json --to 0xc0de... --data 0x18160ddd',
        'braid call --state alloc.json --data 600160005260206000f3 --trace',
        'braid call --rpc http://127.0.0.1:8545 --to 0xc0de... --data 0x18160ddd',
      ),
    )
    .action(async (options) => {
      const { call } = await import('../call.js')
      process.exitCode = await call(options)
    })
}
