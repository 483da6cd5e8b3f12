/** What the declarations of the commands share. */

import type { PolicyName } from '../../schedule/policy.js'
import { policyName, threadCount } from '../options.js'
import { Option } from './commander.js'

/** The lines of a command's help that show how it is used. */
export function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n')
}

/** `--vm` */
export const vm = new Option(
  '--vm <vm>',
  'builtin, evmone, or the path of an EVMC virtual machine',
).default('builtin')

/** `--state` */
export const state = new Option(
  '--state <file>',
  'the pre-state, for blocks that bring none: accounts by address, each with balance, nonce, code ' +
    'and storage',
)

/** `--chain` */
export const chain = new Option(
  '--chain <chain>',
  "whose rules hold: mainnet, sepolia, hoodi, holesky, or the path of a genesis file in geth's form",
).default('mainnet')

/** `--rpc`, of the commands that take several blocks. */
export const rpc = new Option(
  '--rpc <url>',
  'a node that has the blocks and the states before them: each block is then a number, a hash, ' +
    'latest, safe or finalized',
)

/** `--cache` */
export const cache = new Option(
  '--cache <folder>',
  'a folder for what that node answers: the next run asks for the rest',
)

/** `--json` */
export const json = new Option('--json', 'print one JSON document instead of text')

/** `--threads`, of one block. */
export const threads = new Option('--threads <n>', 'the most threads for a block; 0: one per core')
  .argParser((text) => threadCount(text))
  .default(0)

/** `--policy`, of the commands that say what each policy means. */
export const policyMeanings =
  'adaptive: transactions ahead of their turn where that pays, which it learns from block to block; ' +
  'optimistic: always; sequential: never. The result is the same'

/** `--policy`, with the one that a command takes by itself. */
export function policy(name: PolicyName, description = 'sequential, optimistic or adaptive') {
  return new Option('--policy <name>', description)
    .argParser((text) => policyName(text))
    .default(name)
}
