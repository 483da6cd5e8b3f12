/** The declaration of `braid t8n`. */

import { traceOptions } from '../evm-tool/trace-flags.js'
import { signedNumber, unsignedNumber } from '../options.js'
import { Option, type Program } from './commander.js'
import { examples, json } from './shared.js'

/** Declares the command. */
export function declareTransition(program: Program): void {
  program
    .command('t8n')
    .summary("execute given transactions on given accounts, as geth's evm t8n does")
    .description(
      'Executes a block of given accounts, surroundings and transactions, which need not make a chain: what ' +
        "tools that fill tests call. Options, files and exit codes are those of geth's `evm t8n`. Transactions " +
        'that cannot be in the block are told as `rejected`, and left out. Each input may be `stdin`, where all ' +
        'of them are members of one document: alloc, env, txs or txsRlp.',
    )
    .option('--input.alloc <file>', 'the accounts before', 'alloc.json')
    .option('--input.env <file>', 'the block around the transactions', 'env.json')
    .option(
      '--input.txs <file>',
      'the transactions: JSON, signed or with a secretKey; .rlp: the hex of their list in RLP',
      'txs.json',
    )
    .option('--output.basedir <folder>', 'where files go; made where there is none', '')
    .option('--output.alloc <file>', 'the accounts after: a file, stdout or stderr', 'alloc.json')
    .option('--output.result <file>', 'roots, receipts, what was rejected', 'result.json')
    .option('--output.body <file>', 'the RLP of the transactions in the block', '')
    .option('--state.fork <name>', 'whose rules hold, as tests spell it', 'GrayGlacier')
    .addOption(
      new Option('--state.chainid <id>', 'the chain')
        .argParser((text) => unsignedNumber('state.chainid', text))
        .default(1n, '1'),
    )
    .addOption(
      new Option(
        '--state.reward <wei>',
        'what the block is paid (default: 0, in the form of Besu what the fork pays); -1: nothing, and the ' +
          'coinbase is not even touched',
      ).argParser((text) => signedNumber('state.reward', text)),
    )
    .addOption(
      new Option('--form <client>', "whose files and results: geth's evm or Besu's evmtool")
        .choices(['geth', 'besu'] as const)
        .default('geth' as const),
    )
    .addOption(
      new Option('--trace', 'a file of lines of EIP-3155 for each transaction: trace-N-HASH.jsonl'),
    )
    .option('--trace.tracer <name>', "what one of geth's tracers says instead: trace-N-HASH.json")
    .option('--trace.jsonconfig <json>', 'the options of that tracer')
    .addOption(traceOptions.memory)
    .addOption(traceOptions.noMemory)
    .addOption(traceOptions.noStack)
    .addOption(traceOptions.noStorage)
    .addOption(traceOptions.returnData)
    .addOption(traceOptions.noReturnData)
    .addOption(traceOptions.callFrames)
    .option('--opcode.count <file>', 'how often each instruction was executed')
    .option('--verbosity <n>', 'taken, and not looked at')
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        'braid t8n --state.fork Osaka --output.basedir out --trace',
        'braid t8n --input.txs signed.rlp --state.fork Prague --json',
      ),
    )
    .action(async (options) => {
      const [{ transition }, { runTool }] = await Promise.all([
        import('../t8n.js'),
        import('../evm-tool/run-tool.js'),
      ])
      const { json: isJson } = options
      const everything = {
        'output.alloc': 'stdout',
        'output.result': 'stdout',
        'output.body': 'stdout',
      }
      await runTool(() => transition(isJson ? { ...options, ...everything } : options))
    })
}
