/** The declaration of the `braid` command with all that it knows. */

import { readFileSync } from 'node:fs'
import { declareBench } from './bench.js'
import { declareCall } from './call.js'
import { Command, type Program } from './commander.js'
import { declareBlockTest, declareStateTest, declareTraceTest } from './conformance.js'
import { declareImport, declareState } from './data.js'
import { declareDemo } from './demo.js'
import { declareExecute } from './execute.js'
import { declareInspect } from './inspect.js'
import { declareLogs, declareReceipts } from './outputs.js'
import { declareBlockBuilder, declareTransactionCheck, declareTransition } from './t8n.js'
import { declareTrace } from './trace.js'
import { declareWhatIf } from './what-if.js'

/**
 * The command line: parses it, prints help, and loads and runs the command that is asked for. Wrong
 * usage, and help and the version once they are printed, end in a `CommanderError`; nothing else is
 * printed.
 */
export function braidProgram(): Program {
  const program: Program = new Command('braid')
    .description('braid executes Ethereum blocks with a native EVM, in parallel.')
    .usage('<command> [options]')
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', more)
  declareExecute(program)
  declareInspect(program)
  declareTrace(program)
  declareCall(program)
  declareLogs(program)
  declareReceipts(program)
  declareWhatIf(program)
  declareImport(program)
  declareState(program)
  declareBench(program)
  declareStateTest(program)
  declareBlockTest(program)
  declareTraceTest(program)
  declareTransition(program)
  declareTransactionCheck(program)
  declareBlockBuilder(program)
  declareDemo(program)
  program.helpCommand('help [command]', 'print the help of a command')
  // Asking for help on a command that does not exist is as wrong as using it.
  return program.addHelpText('before', () => {
    const name = program.args.find((arg) => arg !== 'help' && !arg.startsWith('-'))
    if (name !== undefined) program.parse([name], { from: 'user' })
    return ''
  })
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

const more = `
Output:
  Results go to standard output: tables and lines for people, or with --json one
  JSON document, in which bigint are decimal strings. Errors go to standard
  error, one line each, with a stable code (docs/errors.md) and a hint where one
  helps. On terminals there are colours, and progress of long work.

Exit codes:
  0  all is well
  1  a block is invalid or differs from its header, a test or a call fails
  2  the command could not do its work: wrong usage, an unreadable input, no
     tests where there should be some

Environment:
  BRAID_EVMONE           the file of evmone, for --vm evmone
  BRAID_ADDON            the native addon to load instead of the one that fits
  BRAID_DEBUG=1          print the stack and the cause of an error
  NO_COLOR, FORCE_COLOR  no colours; colours also where there is no terminal
  TERM=dumb              neither colours nor progress

Examples:
  braid demo
  braid execute 19426586.json.gz
  braid inspect 19426586.json.gz --html timelines.html
  braid trace 19426586.json.gz --tx 7
  braid bench --workload all
  braid statetest tests/GeneralStateTests --fork Cancun`
