/** The declarations of `braid t8n`, `braid t9n` and `braid b11r`. */

import { traceOptions } from '../evm-tool/trace-flags.js'
import { signedNumber, unsignedNumber } from '../options.js'
import { Option, type Program } from './commander.js'
import { examples, json } from './shared.js'

/** Declares `braid t8n`. */
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
    .addOption(chainId())
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

/** Declares `braid t9n`. */
export function declareTransactionCheck(program: Program): void {
  program
    .command('t9n')
    .summary("say whether encodings are transactions, as geth's evm t9n does")
    .description(
      'Says of each item of a list in RLP whether it is a transaction of a fork: its hash, who signed it, the gas ' +
        "that it needs at least, or what is wrong with it. Options and exit codes are those of geth's `evm t9n`.",
    )
    .option(
      '--input.txs <file>',
      'the hex of the list: a file .rlp; stdin: its member txsRlp',
      'txs.rlp',
    )
    .option('--state.fork <name>', 'whose rules hold, as tests spell it', 'GrayGlacier')
    .addOption(chainId())
    .option('--verbosity <n>', 'taken, and not looked at')
    .addOption(new Option('--json', 'what is printed is JSON anyway'))
    .addHelpText('after', examples('braid t9n --input.txs signed.rlp --state.fork London'))
    .action(async (options) => {
      const [{ checkTransactions }, { runTool }] = await Promise.all([
        import('../t9n.js'),
        import('../evm-tool/run-tool.js'),
      ])
      await runTool(() => checkTransactions(options))
    })
}

/** Declares `braid b11r`. */
export function declareBlockBuilder(program: Program): void {
  program
    .command('b11r')
    .summary("put a block together out of its parts, as geth's evm b11r does")
    .description(
      'Makes the RLP of a block out of its header, transactions, ommers and withdrawals, and its hash; nothing is ' +
        "executed. Options and exit codes are those of geth's `evm b11r`. Each input may be `stdin`, where all " +
        'of them are members of one document: header, txs, ommers, withdrawals, clique.',
    )
    .option('--input.header <file>', 'the header', 'header.json')
    .option('--input.txs <file>', 'the hex of the transactions in RLP', 'txs.rlp')
    .option('--input.ommers <file>', 'the blocks in RLP whose headers are the ommers')
    .option('--input.withdrawals <file>', 'the withdrawals')
    .option('--seal.clique <file>', 'the key of a proof of authority, and for whom it votes')
    .option('--output.basedir <folder>', 'where files go; made where there is none', '')
    .option('--output.block <file>', 'where the block goes: a file, stdout or stderr', 'block.json')
    .option('--verbosity <n>', 'taken, and not looked at')
    .addOption(json)
    .addHelpText('after', examples('braid b11r --input.header header.json --input.txs txs.rlp'))
    .action(async (options) => {
      const [{ buildBlock }, { runTool }] = await Promise.all([
        import('../b11r.js'),
        import('../evm-tool/run-tool.js'),
      ])
      await runTool(() =>
        buildBlock(options.json ? { ...options, 'output.block': 'stdout' } : options),
      )
    })
}

/** `--state.chainid` */
function chainId() {
  return new Option('--state.chainid <id>', 'the chain')
    .argParser((text) => unsignedNumber('state.chainid', text))
    .default(1n, '1')
}
