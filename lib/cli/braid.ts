#!/usr/bin/env node
/** The `braid` command. */

import { readFileSync } from 'node:fs'
import { bench } from './bench.js'
import { blockTest } from './blocktest.js'
import { complain, describeError, ExitCode, InputError, print, UsageError } from './console.js'
import { demo } from './demo.js'
import { execute } from './execute.js'
import { inspect } from './inspect.js'
import { stateTest } from './statetest.js'

const help = `braid executes Ethereum blocks with a native EVM.

Usage
  braid execute BLOCK... [--state FILE] [--vm VM] [--threads N] [--policy NAME] [--json]
      Executes blocks and checks everything that their headers allow. BLOCK is a
      file with {block, preState, blockHashes} or {block, parentStateRoot,
      witness}, a JSON-RPC block with full transactions, or an RLP block (bytes
      or hex); .gz is unpacked. With a witness the state root is checked too.
      --state FILE     the pre-state: accounts by address, each with balance,
                       nonce, code and storage; for BLOCKs that bring none. With
                       several blocks each continues where the last one ended
      --vm VM          builtin (default), evmone, or the path of an EVMC 12 VM
      --threads N      the most threads for a block; 0 (default): one per core
      --policy NAME    adaptive (default): transactions ahead of their turn where
                       that pays, which it learns from block to block; optimistic:
                       always; sequential: never. The result is the same
      --report         say how the block was executed: runs, conflicts, critical path
      --json           print one JSON document instead of a table

  braid inspect BLOCK [--html FILE] [--repeat N] [--state FILE] [--vm VM] [--threads N]
                [--policy NAME]
      Executes a block, optimistic by default, and says how: which worker ran
      what, what was thrown away and why, and which locations are hot.
      --html FILE      write a page that shows it over time, to be opened in a
                       browser; it needs nothing but itself
      --repeat N       execute N times and show the quickest (default: 1)

  braid bench [BLOCK...] [--workload NAME,...] [--threads N,...] [--policy NAME,...]
              [--repeat N] [--latency N] [--transactions N] [--accounts N]
              [--hot R] [--seed N] [--state FILE] [--vm VM] [--json]
      Measures blocks, and workloads that it makes, under each policy with each
      number of threads: the time for recovering senders and executing (native),
      which workers do in one go, and that from the block to its compared header
      (whole), each compared with sequential execution on one thread. BLOCK may be
      a folder.
      --workload NAME  all, or some of transfers-independent, transfers-to-one,
                       transfers-from-few, transfers-chain, erc20, erc20-hot,
                       uniswap-pools, uniswap-one-pool, nft-mint, game, worst-case
      --threads N      default: 1 and one per core
      --policy NAME    default: sequential,optimistic. What adaptive learns in one
                       repetition it knows in the next
      --repeat N       how often; medians are shown. Default 7
      --latency N      let every read of an account or a slot take N microseconds,
                       as from a disk. Default 0
      --transactions N, --accounts N, --hot R, --seed N
                       how many transactions a workload has (default: 30 million
                       gas) and how many senders, the share (0 to 1) that goes to
                       one place, and what decides the rest

  braid statetest PATH... [--fork NAME] [--vm VM] [--threads N] [--policy NAME]
                  [--json] [--workers N] [--skip-slow]
      Runs state tests (GeneralStateTests format), files or whole folders.
      Prints a line per failure, then "N passed, N failed, N skipped".
      --fork NAME      only this fork, as the tests spell it (Cancun, EIP158, ...)
      --workers N      how many files to run at once (default: one per core)
      --threads N, --policy NAME
                       as for execute: how each single test is executed
      --skip-slow      leave out the files in folders named slow

  braid blocktest PATH... [--fork NAME] [--vm VM] [--threads N] [--policy NAME]
                  [--json] [--workers N]
      Runs block tests (BlockchainTests format), files or whole folders: imports
      valid and invalid blocks, checks headers, ommers, receipts and state roots,
      and for each rejected block the reason.
      --fork NAME      only this network, as the tests spell it (Osaka,
                       FrontierToHomesteadAt5, ...)
      --threads N      the most threads for a block (default: 1)
      --policy NAME    sequential (default) or optimistic
      --workers N      how many threads run files (default: one per core)

  braid demo [--transactions N] [--repeat N] [--html FILE] [--vm VM] [--json]
      Makes a busy block (ether, OpenZeppelin tokens, Uniswap V3 swaps), executes
      it in parallel, on one thread and on @ethereumjs/vm where that is installed,
      checks that all agree with the header, and writes a page that shows who ran
      what and when (default: braid-demo.html).

  braid --help, braid --version

Exit code: 0 if all is well, 1 if a block differs from its header or a test
fails, 2 if the command could not do its work.

Examples
  braid demo
  braid execute 19426586.json.gz
  braid execute block.rlp --state prestate.json --vm evmone
  braid inspect 19426586.json.gz --html lanes.html
  braid bench --workload all
  braid bench --workload erc20 --hot 0.2 --threads 1,2,4 --latency 50
  braid statetest tests/GeneralStateTests --fork Cancun`

type Command = (args: string[]) => Promise<ExitCode>

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['execute', execute],
  ['inspect', inspect],
  ['bench', bench],
  ['statetest', stateTest],
  ['blocktest', blockTest],
  ['demo', demo],
])

async function main(args: string[]): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === '--version') {
    print(packageVersion())
    return ExitCode.Success
  }
  if (name === '--help' || name === '-h' || name === 'help' || rest.includes('--help')) {
    print(help)
    return ExitCode.Success
  }
  if (name === undefined) throw new UsageError('no command given')
  const command = commands.get(name)
  if (command === undefined) throw new UsageError(`unknown command: ${name}`)
  return command(rest)
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

/** Whether the command was used wrongly: by its own rules, or those of `parseArgs`. */
function isUsageError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return (
    error instanceof UsageError ||
    (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS_')) ||
    code === 'OPTION_INVALID'
  )
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  complain(`braid: ${describeError(error)}`)
  if (isUsageError(error)) complain('See braid --help.')
  else if (!(error instanceof InputError) && process.env.BRAID_DEBUG) console.error(error)
  process.exitCode = ExitCode.Trouble
}
