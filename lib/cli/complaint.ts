/** What the commands say on standard error where they fail: the error in a line, and what helps. */

import { CommanderError } from 'commander'
import type { ErrorCode } from '../error-codes.js'
import { isBraidError } from '../errors.js'
import { complain, describeError, InputError, printable, UsageError } from './console.js'
import { nameOf } from './files.js'
import { toned } from './terminal.js'

/** What helps, by the code of the error; by its first word where one hint serves all of a family. */
const hints: Readonly<Partial<Record<ErrorCode | 'DECODE', string>>> = {
  DECODE: 'A block is RLP (bytes or hex), or JSON-RPC with full transactions.',
  STATE_MALFORMED: 'A state is an object of accounts by address: see braid execute --help.',
  STATE_MISSING_BLOCK_HASH: 'Hashes of ancestors come with the file: blockHashes, by number.',
  STATE_NODE_MISSING: 'The witness is not whole: it needs every node on the way to what is read.',
  RPC_UNAVAILABLE: 'Is there a node that takes JSON-RPC at the address, and may you ask it?',
  RPC_ERROR: 'The node must know the state before the block: an archive node, or a recent block.',
  STORE_NOT_FOUND: 'braid import --data makes one.',
  STORE_EMPTY: 'braid import --data makes one; an import that never came to its end is begun anew.',
  STORE_LOCKED: 'Only one process may have it open: wait until the other has ended.',
  STORE_OTHER_CHAIN: 'Give the genesis file of its chain, or another folder.',
  STORE_VERSION: 'Import anew, into another folder.',
  STORE_CORRUPT: 'Bring back a backup, or import anew into another folder.',
  STORE_DISK_FULL: 'Make room: the same import goes on where it ended.',
  OUT_OF_MEMORY: 'Fewer workers and threads need less memory.',
  VM_NOT_FOUND: '--vm takes builtin, evmone (BRAID_EVMONE names its file), or a path with a slash.',
  VM_LOAD_FAILED: '--vm takes shared libraries with an EVMC 12 or 18 virtual machine.',
  VM_ABI_MISMATCH: '--vm takes shared libraries with an EVMC 12 or 18 virtual machine.',
  WORKLOAD_PACKAGE_MISSING: 'npm install brings it, where package.json is.',
  UNSUPPORTED_HARDFORK: 'Frontier to Osaka are supported, and the blob parameter forks after it.',
}

/** Where an error happened. */
export interface ComplaintPlace {
  /** The input that was worked on. */
  readonly input?: string
  /** What helps. Default: what is known to help against errors of its code. */
  readonly hint?: string | undefined
  /** The command, for the page that says how it is used. */
  readonly command?: string | undefined
}

/** Says on standard error what went wrong, in one line, and in a second one what helps, if anything. */
export function complainAbout(
  error: unknown,
  { input, hint: given, command }: ComplaintPlace = {},
): void {
  // An InputError names the input itself.
  const place =
    input === undefined || error instanceof InputError ? '' : `${printable(nameOf(input))}: `
  complain(`${toned('fail', 'braid:', process.stderr)} ${place}${messageOf(error)}`)
  const hint = isUsageError(error)
    ? `See braid ${command === undefined ? '' : `${command} `}--help.`
    : (given ?? hintFor(error))
  if (hint !== undefined) complain(toned('dim', hint, process.stderr))
}

/** What helps against an error, where that is known. */
function hintFor(error: unknown): string | undefined {
  if (!isBraidError(error)) return undefined
  const { code } = error
  return hints[code] ?? (code.startsWith('DECODE_') ? hints.DECODE : undefined)
}

/** Whether the command was used wrongly: by its declaration, or the rules of what it calls. */
export function isUsageError(error: unknown): boolean {
  return (
    error instanceof UsageError ||
    error instanceof CommanderError ||
    isBraidError(error, 'OPTION_INVALID')
  )
}

function messageOf(error: unknown): string {
  const message = describeError(error)
  return error instanceof CommanderError ? message.replace(/^error: /, '') : message
}
