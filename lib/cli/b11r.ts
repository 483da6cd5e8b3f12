/** `braid b11r`: puts a block together out of its header, transactions, ommers and withdrawals, as geth's `evm b11r` does. */

import { RLP } from '@ethereumjs/rlp'
import { emptyOmmersHash, emptyTrieRoot } from '../empty-hashes.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { ToolInputs } from './evm-tool/inputs.js'
import {
  bytesOf,
  listOf,
  numberOf,
  objectOf,
  optionalNumber,
  sizedOf,
  wordOf,
} from './evm-tool/json-fields.js'
import { ToolOutputs } from './evm-tool/outputs.js'
import { secretKeyOf, signDeterministically } from './evm-tool/sign.js'
import { ToolError, ToolExitCode } from './evm-tool/tool-error.js'

/** The options of the command: geth's. */
export interface BuildOptions {
  readonly 'input.header': string
  readonly 'input.txs': string
  readonly 'input.ommers'?: string
  readonly 'input.withdrawals'?: string
  readonly 'seal.clique'?: string
  readonly 'output.basedir': string
  readonly 'output.block': string
}

type Fields = Readonly<Record<string, unknown>>
type Item = bigint | Hex | Uint8Array

/** Runs the command. Throws {@link ToolError} where there is no block. */
export async function buildBlock(options: BuildOptions): Promise<void> {
  const outputs = new ToolOutputs(options['output.basedir'])
  const inputs = new ToolInputs()
  const json = (path: string | undefined, ...names: readonly string[]): unknown =>
    path === undefined || path === '' ? undefined : inputs.json(path, ...names)
  const header = objectOf(inputs.json(options['input.header'], 'header'), 'header')
  const clique = json(options['seal.clique'], 'clique')
  const ommers = listOf(json(options['input.ommers'], 'ommers', 'uncles'), 'ommers').map(ommerOf)
  const withdrawals = json(options['input.withdrawals'], 'withdrawals')
  const transactions = transactionsIn(inputs.hex(options['input.txs'], 'txs'))
  const items = headerItems(header, ommers)
  const sealed = clique === undefined || clique === null ? items : seal(items, header, clique)
  const body = [
    sealed,
    transactions,
    ommers,
    ...(Array.isArray(withdrawals) ? [withdrawals.map(withdrawalItems)] : []),
  ]
  const block = {
    rlp: bytesToHex(RLP.encode(body as Parameters<typeof RLP.encode>[0])),
    hash: bytesToHex(hashOf(sealed)),
  }
  const place = options['output.block']
  if (place === 'stdout' || place === 'stderr') {
    process[place].write(`${JSON.stringify(block, undefined, 2)}\n`)
  } else outputs.put(place, 'block', block)
}

function hashOf(items: readonly unknown[]): Uint8Array {
  return keccak256(RLP.encode(items as Parameters<typeof RLP.encode>[0]))
}

function transactionsIn(rlp: Hex): unknown {
  if (rlp === '0x') return []
  const list = decoded(rlp, 'transaction')
  if (Array.isArray(list)) return list
  throw new ToolError(ToolExitCode.Rlp, 'unable to decode transaction from rlp data: no list')
}

/** The header of an ommer, which is given as a block. */
function ommerOf(value: unknown, i: number): unknown[] {
  const block = decoded(bytesOf(value, `ommers[${i}]`), 'ommer')
  if (Array.isArray(block) && Array.isArray(block[0])) return block[0]
  throw new ToolError(ToolExitCode.Rlp, 'unable to decode ommer from rlp data: no block')
}

function decoded(rlp: Hex, what: string): unknown {
  try {
    return RLP.decode(rlp)
  } catch (error) {
    const reason = (error as Error).message
    throw new ToolError(ToolExitCode.Rlp, `unable to decode ${what} from rlp data: ${reason}`)
  }
}

/** Where items are in a header. */
const place = { coinbase: 2, extraData: 12, nonce: 14 } as const

function headerItems(header: Fields, ommers: readonly unknown[][]): Item[] {
  const has = (name: string) => header[name] !== undefined && header[name] !== null
  const sized = (name: string, size: number, usual: Hex): Hex =>
    has(name) ? sizedOf(header[name], size, `header.${name}`) : usual
  const number = (name: string, bits = 64) => numberOf(header[name], `header.${name}`, bits)
  const zeros = (size: number): Hex => `0x${'00'.repeat(size)}`
  const ommersHash = ommers.length === 0 ? emptyOmmersHash : bytesToHex(hashOf(ommers))
  return [
    sized('parentHash', 32, zeros(32)),
    sized('sha3Uncles', 32, ommersHash),
    sized('miner', 20, zeros(20)),
    wordOf(header.stateRoot, 'header.stateRoot'),
    sized('transactionsRoot', 32, emptyTrieRoot),
    sized('receiptsRoot', 32, emptyTrieRoot),
    sized('logsBloom', 256, zeros(256)),
    optionalNumber(header.difficulty, 'header.difficulty') ?? 0n,
    number('number', 256),
    number('gasLimit'),
    optionalNumber(header.gasUsed, 'header.gasUsed', 64) ?? 0n,
    number('timestamp'),
    bytesOf(header.extraData, 'header.extraData'),
    sized('mixHash', 32, zeros(32)),
    sized('nonce', 8, zeros(8)),
    ...laterItems(header, has),
  ]
}

/** What forks have added, up to the last one that is there; what is absent before it is empty. */
function laterItems(header: Fields, has: (name: string) => boolean): Item[] {
  const members = [
    'baseFeePerGas',
    'withdrawalsRoot',
    'blobGasUsed',
    'excessBlobGas',
    'parentBeaconBlockRoot',
    'requestsHash',
  ]
  const items = members.map((name): Item => {
    if (!has(name)) return '0x'
    const isHash = /Root$|Hash$/.test(name)
    return isHash
      ? sizedOf(header[name], 32, `header.${name}`)
      : numberOf(header[name], `header.${name}`)
  })
  return items.slice(0, members.findLastIndex(has) + 1)
}

function withdrawalItems(value: unknown, i: number): Item[] {
  const name = `withdrawals[${i}]`
  const given = objectOf(value, name)
  const number = (member: string) => numberOf(given[member], `${name}.${member}`, 64)
  return [
    number('index'),
    number('validatorIndex'),
    sizedOf(given.address, 20, `${name}.address`),
    number('amount'),
  ]
}

/** Seals a header as proof of authority has it (EIP-225): 32 bytes of the signer's own, and a signature. */
function seal(items: readonly Item[], header: Fields, value: unknown): Item[] {
  const { secretKey, voted, authorize, vanity } = objectOf(value, 'clique')
  const overwrites = (name: string, what: string): void => {
    if (header[name] === undefined || header[name] === null) return
    const text = `sealing with clique ${what}`
    throw new ToolError(ToolExitCode.Config, text)
  }
  overwrites('extraData', 'will overwrite provided extra data')
  const sealed = [...items]
  if (voted !== undefined && voted !== null) {
    overwrites('miner', 'and voting will overwrite provided coinbase')
    sealed[place.coinbase] = sizedOf(voted, 20, 'clique.voted')
  }
  if (typeof authorize === 'boolean') {
    overwrites('nonce', 'and voting will overwrite provided nonce')
    sealed[place.nonce] = `0x${(authorize ? '00' : 'ff').repeat(8)}`
  }
  const own = Buffer.from(wordOf(vanity ?? '0x', 'clique.vanity').slice(2), 'hex')
  sealed[place.extraData] = own
  const key = secretKeyOf(secretKey, 'clique.secretKey')
  const { r, s, yParity } = signDeterministically(hashOf(sealed), key)
  const words = [r, s].map((part) => Buffer.from(part.toString(16).padStart(64, '0'), 'hex'))
  sealed[place.extraData] = Buffer.concat([own, ...words, Uint8Array.of(yParity)])
  return sealed
}
