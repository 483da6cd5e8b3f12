/** What `braid --help` and `braid COMMAND --help` print. */

const overview = `braid executes Ethereum blocks with a native EVM, in parallel.

Usage
  braid execute BLOCK...   execute blocks, compare them with their headers
  braid inspect BLOCK      show how a block was executed: who ran what, and when
  braid bench [BLOCK...]   measure blocks and made workloads
  braid statetest PATH...  run state tests
  braid blocktest PATH...  run block tests
  braid demo               execute real blocks and a made one in three ways, compare

  braid COMMAND --help     the options of a command, with examples
  braid --version

Output
  Results go to standard output: tables and lines for people, or with --json one
  JSON document, in which bigint are decimal strings. Errors go to standard
  error, one line each, with a stable code (docs/errors.md) and a hint where one
  helps. On terminals there are colours, and progress of long work.

Exit codes
  0  all is well
  1  a block is invalid or differs from its header, or a test fails
  2  the command could not do its work: wrong usage, an unreadable input, no
     tests where there should be some

Environment
  BRAID_EVMONE           the file of evmone, for --vm evmone
  BRAID_ADDON            the native addon to load instead of the one that fits
  BRAID_DEBUG=1          print the stack and the cause of an error
  NO_COLOR, FORCE_COLOR  no colours; colours also where there is no terminal
  TERM=dumb              neither colours nor progress

Examples
  braid demo
  braid execute 19426586.json.gz
  braid inspect 19426586.json.gz --html timelines.html
  braid bench --workload all
  braid statetest tests/GeneralStateTests --fork Cancun`

const execute = `Usage
  braid execute BLOCK... [options]

Executes blocks and checks everything that their headers allow. BLOCK is a file
with {block, preState, blockHashes} or {block, parentStateRoot, witness}, a
JSON-RPC block with full transactions, or an RLP block (bytes or hex); .gz is
unpacked, and - is standard input. With a witness the state root is checked too.

Options
  --state FILE   the pre-state: accounts by address, each with balance, nonce,
                 code and storage; for BLOCKs that bring none. With several
                 blocks each continues where the last one ended
  --vm VM        builtin (default), evmone, or the path of an EVMC VM
  --threads N    the most threads for a block; 0 (default): one per core
  --policy NAME  adaptive (default): transactions ahead of their turn where that
                 pays, which it learns from block to block; optimistic: always;
                 sequential: never. The result is the same
  --report       say how each block was executed: runs, conflicts, critical path
  --json         print one JSON document instead of a table

Examples
  braid execute 19426586.json.gz
  braid execute block.rlp --state prestate.json --vm evmone
  braid execute blocks/*.json.gz --report
  braid execute witness.json.gz --json | jq -r '.blocks[].stateRoot'
  curl -s $URL/block.json | braid execute - --state prestate.json`

const inspect = `Usage
  braid inspect BLOCK [options]

Executes a block and says how: which worker ran what, what was thrown away and
why, and which locations are hot. BLOCK is one that braid execute takes.

Options
  --html FILE    write a page that shows it over time, to be opened in a
                 browser; it needs nothing but itself
  --repeat N     execute N times and show the quickest (default: 1)
  --policy NAME  optimistic (default), adaptive or sequential
  --state FILE, --vm VM, --threads N
                 as for braid execute
  --json         print one JSON document: the block with its whole report

Examples
  braid inspect 19426586.json.gz
  braid inspect 19426586.json.gz --html timelines.html --repeat 20
  braid inspect block.rlp --state prestate.json --threads 4 --json`

const bench = `Usage
  braid bench [BLOCK...] [options]

Measures blocks, and workloads that it makes, under each policy with each number
of threads: the time for recovering senders and executing (native), which
workers do in one go, and that from the block to its compared header (whole),
each compared with sequential execution on one thread. BLOCK is one that braid
execute takes, without a witness, or a folder.

Options
  --workload NAME,...  all, or some of transfers-independent, transfers-to-one,
                       transfers-from-few, transfers-chain, deposits, erc20,
                       erc20-hot, uniswap-pools, uniswap-one-pool, nft-mint,
                       game, defi, worst-case
  --threads N,...      default: 1 and one per core
  --policy NAME,...    default: sequential,optimistic. What adaptive learns in
                       one repetition it knows in the next
  --repeat N           how often; medians are shown. Default 7
  --latency N          let every read of an account or a slot take N
                       microseconds, as from a disk. Default 0
  --transactions N     how many transactions a workload has (default: 30 Mgas)
  --accounts N         how many senders
  --hot R              the share, 0 to 1, that goes to one place
  --seed N             decides the rest
  --state FILE, --vm VM
                       as for braid execute
  --json               print one JSON document, with every single measurement

Examples
  braid bench --workload all
  braid bench --workload erc20 --hot 0.2 --threads 1,2,4 --latency 50
  braid bench blocks/ --policy sequential,adaptive --json > measured.json`

const statetest = `Usage
  braid statetest PATH... [options]

Runs state tests (GeneralStateTests format): files, or folders with all that is
in them; - is standard input. Prints a line per failure, then "N passed, N
failed, N skipped".

Options
  --fork NAME    only this fork, as the tests spell it (Cancun, EIP158, ...)
  --workers N    how many files to run at once (default: one per core)
  --skip-slow    leave out the files in folders named slow
  --vm VM        builtin (default), evmone, or the path of an EVMC VM
  --threads N    the most threads for a single test; 0 (default): one per core
  --policy NAME  sequential (default), optimistic or adaptive
  --json         print one JSON document: counts and failures

Examples
  braid statetest tests/GeneralStateTests
  braid statetest tests/GeneralStateTests --fork Cancun --vm evmone
  braid statetest failing.json --workers 1 --json | jq '.failures[]'`

const blocktest = `Usage
  braid blocktest PATH... [options]

Runs block tests (BlockchainTests format): files, or folders with all that is in
them; - is standard input. Imports valid and invalid blocks, checks headers,
ommers, receipts and state roots, and for each rejected block the reason.

Options
  --fork NAME    only this network, as the tests spell it (Osaka,
                 FrontierToHomesteadAt5, ...)
  --workers N    how many threads run files (default: one per core)
  --vm VM        builtin (default), evmone, or the path of an EVMC VM
  --threads N    the most threads for a block (default: 1)
  --policy NAME  sequential (default), optimistic or adaptive
  --json         print one JSON document: counts and failures

Examples
  braid blocktest tests/BlockchainTests
  braid blocktest tests/BlockchainTests/ValidBlocks --fork Osaka
  braid blocktest tests/BlockchainTests --policy optimistic --threads 2`

const demo = `Usage
  braid demo [options]

Executes three blocks of Ethereum mainnet that come with the package, and a busy
block that it makes (ether, OpenZeppelin tokens, Uniswap V3 swaps): in parallel,
on one thread, and on @ethereumjs/vm where that is installed. Checks that all
agree with the headers, and writes a page that shows who ran what and when.

Options
  --part PART       real, made or all (default): which blocks
  --transactions N  how many transactions the made block has (default: 30 Mgas)
  --repeat N        how often to execute each; medians are shown. Default 15
  --html FILE       where the page goes (default: braid-demo.html)
  --vm VM           builtin (default), evmone, or the path of an EVMC VM
  --json            print one JSON document instead of a table

Examples
  braid demo
  braid demo --transactions 500 --html timelines.html`

const pages: ReadonlyMap<string, string> = new Map(
  Object.entries({ execute, inspect, bench, statetest, blocktest, demo }),
)

/** The page of a command; without one, or for one that does not exist, the overview. */
export function helpOf(command?: string): string {
  return pages.get(command ?? '') ?? overview
}
