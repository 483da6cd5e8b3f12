/** Genesis files: the chain's rules, the first block, and the state that it begins with. */

import type { Common } from '@ethereumjs/common'
import { checkOptions, demand, isRecord } from '../arguments.js'
import { type BlockHeader, decodeBlock, encodeBlock, type RpcBlock } from '../block/index.js'
import { knownChain, knownChainOf, knownChains, Revision, rulesetAt } from '../chain/index.js'
import { emptyOmmersHash, emptyTrieRoot } from '../empty-hashes.js'
import { isBraidError } from '../errors.js'
import { bytesToHex, type Hex, quantity, zeroHash } from '../hex/index.js'
import { sha256 } from '../native/load.js'
import { type Alloc, packAlloc } from '../state/alloc.js'
import { StateTrie } from '../trie/state-trie.js'
import { ByteInput, checkByteSource, type ReadOptions } from './byte-input.js'
import {
  commonOf,
  type GenesisConfig,
  invalid,
  numberOf,
  readGenesisConfig,
} from './genesis-config.js'
import { JsonInput } from './json-input.js'
import { stateCodes } from './state-codes.js'

/** The content of a genesis file, in the form that geth gave it. Numbers are decimal or `0x` hex. */
export interface GenesisFile {
  /** The chain's hardforks and parameters. */
  readonly config: Readonly<Record<string, unknown>>
  /** The accounts of the first state. */
  readonly alloc: Alloc
  /** Fields of the first block. */
  readonly [field: string]: unknown
}

/** How a genesis file is read. */
export interface ReadGenesisOptions extends Omit<ReadOptions, 'onProgress'> {
  /**
   * The root of the state, for those who have loaded the accounts themselves: then none are kept, and a
   * file may have any number. Default: it is computed of the accounts.
   */
  readonly stateRoot?: Hex | undefined
  /**
   * The first block after the merge, for chains whose file tells only the total difficulty before it.
   * Default: `mergeForkBlock` or `mergeNetsplitBlock` of the file, 0 where the genesis block has the
   * difficulty already, and for public networks what is known.
   */
  readonly mergeBlock?: bigint | undefined
}

/** A chain at its first block. */
export interface Genesis {
  /** The rules. */
  readonly common: Common
  /** The accounts; undefined where the root was given. */
  readonly alloc: Alloc | undefined
  /** The first block's header. */
  readonly header: BlockHeader
  /** The RLP of the first block, which has no transactions. */
  readonly rlp: Uint8Array
  /** The total difficulty that the chain merges at; undefined where it never does. */
  readonly terminalTotalDifficulty: bigint | undefined
}

/** The most bytes of what is not accounts: of the file's other members, each. */
const maxMemberSize = 1 << 24

/**
 * Reads a genesis file of geth's form, or takes its content. The rules are those of its `config`; a
 * genesis block of a public network has that network's.
 *
 * @throws ChainError `CHAIN_CONFIG_INVALID` with the field; `UNSUPPORTED_HARDFORK`
 * @throws StateError `STATE_MALFORMED` for accounts and for what is not JSON; `STATE_UNAVAILABLE` where
 *   the file cannot be read, `STATE_FILE_DAMAGED` where it cannot be unpacked
 */
export async function readGenesis(
  source: string | GenesisFile,
  options: ReadGenesisOptions = {},
): Promise<Genesis> {
  checkOptions(options, { signal: true, stateRoot: true, mergeBlock: true })
  const { stateRoot } = options
  const isHash = stateRoot === undefined || /^0x[0-9a-f]{64}$/.test(stateRoot)
  demand(isHash, 'stateRoot', '0x hex of 32 bytes, small letters', stateRoot)
  if (typeof source === 'string') {
    return makeGenesis(await readMembers(source, options), options)
  }
  demand(isRecord(source), 'source', 'a path or an object', source)
  return makeGenesis(source, options)
}

/** The rules alone of a genesis file, whose accounts are passed over: their hash decides nothing here. */
export async function readChainConfig(
  path: string,
  options: Omit<ReadGenesisOptions, 'stateRoot'> = {},
): Promise<Common> {
  const members = await readMembers(path, { ...options, stateRoot: emptyTrieRoot })
  const config = configOf(members, options.mergeBlock)
  const known = Object.values(knownChains).find(
    ({ config: { chainId } }) => BigInt(chainId) === BigInt(config.chainId),
  )
  // The merge of a chain is in its blocks, not in its file.
  const isUnmerged =
    config.terminalTotalDifficulty !== undefined &&
    config.hardforks.every(({ name }) => name !== 'paris')
  const { mergeBlock } = options
  if (known === undefined || !isUnmerged || mergeBlock !== undefined) return commonOf(config)
  const paris = known.config.hardforks.find(({ name }) => name === 'paris')?.block
  return commonOf(configOf(members, BigInt(paris ?? 0)))
}

async function readMembers(
  path: string,
  { signal, stateRoot }: ReadGenesisOptions,
): Promise<Record<string, unknown>> {
  checkByteSource(path, 'source')
  const input = new ByteInput(path, { signal }, stateCodes)
  const json = new JsonInput(input)
  const members: Record<string, unknown> = {}
  try {
    await json.enter()
    for (let name = await json.key(); name !== undefined; name = await json.key()) {
      if (name !== 'alloc') members[name] = await json.value(maxMemberSize)
      else if (stateRoot !== undefined) await json.skip()
      else members.alloc = await readAccounts(json)
    }
    await json.end()
    return members
  } finally {
    await input.close()
  }
}

async function readAccounts(json: JsonInput): Promise<Alloc> {
  const alloc: Record<string, Alloc[string]> = {}
  await json.enter()
  for (let address = await json.key(); address !== undefined; address = await json.key()) {
    alloc[address] = (await json.value()) as Alloc[string]
  }
  return alloc
}

function makeGenesis(
  file: Readonly<Record<string, unknown>>,
  { stateRoot, mergeBlock }: ReadGenesisOptions,
): Genesis {
  const config = configOf(file, mergeBlock)
  const alloc = (file.alloc ?? {}) as Alloc
  const root = stateRoot ?? new StateTrie(packAlloc(alloc)).root
  const common = commonOf(config)
  const rlp = encodeGenesis(file, common, root)
  const header = decodeBlock(rlp).header
  const known = knownChainOf(header.hash)
  return {
    common: (known === undefined ? undefined : knownChain(known)) ?? common,
    alloc: stateRoot === undefined ? alloc : undefined,
    header,
    rlp,
    terminalTotalDifficulty: config.terminalTotalDifficulty,
  }
}

function configOf(
  file: Readonly<Record<string, unknown>>,
  mergeBlock: bigint | undefined,
): GenesisConfig {
  return readGenesisConfig(file.config, { genesisDifficulty: difficultyOf(file), mergeBlock })
}

function difficultyOf(file: Readonly<Record<string, unknown>>): bigint {
  return fieldOf(file, 'difficulty') ?? 0n
}

/** geth's limit where a file has none. */
const defaultGasLimit = 4_712_388n

const initialBaseFee = 1_000_000_000n

/** The first block: the fields of the file, and what the hardfork adds to them. */
function encodeGenesis(
  file: Readonly<Record<string, unknown>>,
  common: Common,
  stateRoot: Hex,
): Uint8Array {
  const number = fieldOf(file, 'number') ?? 0n
  const timestamp = fieldOf(file, 'timestamp') ?? 0n
  const { revision } = rulesetAt(common, number, timestamp)
  const isFrom = (first: number, value: () => object) => (revision >= first ? value() : {})
  const gasLimit = fieldOf(file, 'gasLimit') ?? 0n
  const block = {
    parentHash: bytesField(file, 'parentHash', 32),
    sha3Uncles: emptyOmmersHash,
    miner: bytesField(file, 'coinbase', 20),
    stateRoot,
    transactionsRoot: emptyTrieRoot,
    receiptsRoot: emptyTrieRoot,
    logsBloom: `0x${'00'.repeat(256)}`,
    difficulty: quantity(difficultyOf(file)),
    number: quantity(number),
    gasLimit: quantity(gasLimit === 0n ? defaultGasLimit : gasLimit),
    gasUsed: quantity(fieldOf(file, 'gasUsed') ?? 0n),
    timestamp: quantity(timestamp),
    extraData: bytesField(file, 'extraData'),
    mixHash: bytesField(file, 'mixHash', 32),
    nonce: nonceOf(file),
    ...isFrom(Revision.London, () => ({
      baseFeePerGas: quantity(fieldOf(file, 'baseFeePerGas') ?? initialBaseFee),
    })),
    ...isFrom(Revision.Shanghai, () => ({ withdrawalsRoot: emptyTrieRoot, withdrawals: [] })),
    ...isFrom(Revision.Cancun, () => ({
      blobGasUsed: quantity(fieldOf(file, 'blobGasUsed') ?? 0n),
      excessBlobGas: quantity(fieldOf(file, 'excessBlobGas') ?? 0n),
      parentBeaconBlockRoot: zeroHash,
    })),
    // EIP-7685: the hash of no requests.
    ...isFrom(Revision.Prague, () => ({ requestsHash: bytesToHex(sha256(new Uint8Array())) })),
    transactions: [],
  }
  try {
    return encodeBlock(block as unknown as RpcBlock)
  } catch (error) {
    if (!isBraidError(error)) throw error
    const { field = 'genesis', expected = 'another value', actual } = error.details
    throw invalid(field, String(expected), actual)
  }
}

function fieldOf(file: Readonly<Record<string, unknown>>, name: string): bigint | undefined {
  const value = file[name]
  return value === undefined || value === null ? undefined : numberOf(value, name)
}

/** Eight bytes, which files write as a number. */
function nonceOf(file: Readonly<Record<string, unknown>>): Hex {
  const nonce = fieldOf(file, 'nonce') ?? 0n
  if (nonce >> 64n !== 0n) throw invalid('nonce', 'a number of at most 64 bits', file.nonce)
  return `0x${nonce.toString(16).padStart(16, '0')}`
}

/** Bytes in hex, with or without its prefix; zeros where there are none. */
function bytesField(file: Readonly<Record<string, unknown>>, name: string, size?: number): Hex {
  const value = file[name] ?? ''
  const digits = typeof value === 'string' ? value.replace(/^0x/, '') : undefined
  if (digits === '') return `0x${'00'.repeat(size ?? 0)}`
  const isRight = digits !== undefined && /^([0-9a-fA-F]{2})*$/.test(digits)
  if (!isRight || (size !== undefined && digits.length !== 2 * size)) {
    throw invalid(name, size === undefined ? 'hex of whole bytes' : `hex of ${size} bytes`, value)
  }
  return `0x${digits.toLowerCase()}`
}
