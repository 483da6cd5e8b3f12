/** Tests of geth's tracers: a state, a block around one transaction, and what a tracer says of that. */

import type { Common } from '@ethereumjs/common'
import { RLP } from '@ethereumjs/rlp'
import { isRecord } from '../../arguments.js'
import { encodeBlock, type RpcBlock } from '../../block/index.js'
import { Revision, rulesetAt } from '../../chain/index.js'
import { commonOf, numberOf, readGenesisConfig } from '../../chain-files/genesis-config.js'
import { emptyTrieRoot } from '../../empty-hashes.js'
import type { Alloc } from '../../state/alloc.js'
import type { TracerName } from '../../trace/index.js'
import { emptyHeader } from '../../workloads/draft.js'

/** What a test's file holds, as far as it is looked at. Numbers are decimal or `0x` hex. */
export interface TraceTest {
  readonly genesis: {
    readonly config: Readonly<Record<string, unknown>>
    readonly alloc: Alloc
    readonly excessBlobGas?: string
  }
  /** The block around the transaction. */
  readonly context: Readonly<Record<string, string>>
  /** The signed transaction in hex (EIP-2718). */
  readonly input: string
  readonly tracerConfig?: object | null
  readonly result: unknown
}

/** Whether a value is such a test. */
export function isTraceTest(value: unknown): value is TraceTest {
  return (
    isRecord(value) &&
    isRecord(value.genesis) &&
    isRecord(value.genesis.config) &&
    isRecord(value.genesis.alloc) &&
    isRecord(value.context) &&
    typeof value.input === 'string' &&
    'result' in value
  )
}

/** The tracers that folders of geth's tests are of. Others are of tracers that are not here. */
const folders: Readonly<Record<string, TracerName>> = {
  call_tracer: 'callTracer',
  call_tracer_withLog: 'callTracer',
  call_tracer_flat: 'flatCallTracer',
  erc7562_tracer: 'erc7562Tracer',
  prestate_tracer: 'prestateTracer',
  prestate_tracer_with_diff_mode: 'prestateTracer',
}

/** The tracer of the tests in a folder; undefined where that is not known. */
export function tracerOfFolder(name: string): TracerName | undefined {
  return Object.hasOwn(folders, name) ? folders[name] : undefined
}

/**
 * The rules of a test's block. Chains of tests have hardforks in any order, and seals of any kind: what is
 * active at the block has always been, and the rest is none of its business.
 */
export function rulesOf({ genesis, context }: TraceTest): Common {
  const number = numberOf(context.number, 'context.number')
  const timestamp = numberOf(context.timestamp, 'context.timestamp')
  // Before the merge is what has a difficulty.
  const isMerged = numberOf(context.difficulty ?? '0', 'context.difficulty') === 0n
  const config: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(genesis.config)) {
    // Go takes members in any case: there are tests with IstanbulBlock.
    const member = name.charAt(0).toLowerCase() + name.slice(1)
    const [, kind] = /(Block|Time)$/.exec(member) ?? []
    if (kind === undefined) {
      if (!seals.has(member)) config[member] = value
      continue
    }
    if (value === null || member === 'daoForkBlock') continue
    const start = numberOf(value, `genesis.config.${name}`)
    if (start <= (kind === 'Block' ? number : timestamp)) config[member] = 0
  }
  const facts = { genesisDifficulty: 0n, mergeBlock: isMerged ? 0n : undefined }
  return commonOf(readGenesisConfig(config, facts))
}

/** Members about how blocks are sealed, and when that ends. */
const seals: ReadonlySet<string> = new Set(['clique', 'ethash', 'terminalTotalDifficulty'])

/** The RLP of a block with the test's transaction; its roots are of nothing. */
export function blockOf({ genesis, context, input }: TraceTest, common: Common): Uint8Array {
  const number = numberOf(context.number, 'context.number')
  const timestamp = numberOf(context.timestamp, 'context.timestamp')
  const { revision } = rulesetAt(common, number, timestamp)
  const draft: RpcBlock = {
    ...emptyHeader,
    number,
    timestamp,
    difficulty: numberOf(context.difficulty ?? '0', 'context.difficulty'),
    gasLimit: numberOf(context.gasLimit, 'context.gasLimit'),
    miner: context.miner as `0x${string}`,
    transactions: [],
    uncles: [],
    ...(revision < Revision.London
      ? {}
      : { baseFeePerGas: numberOf(context.baseFeePerGas ?? '0', 'context.baseFeePerGas') }),
    ...(revision < Revision.Shanghai ? {} : { withdrawals: [], withdrawalsRoot: emptyTrieRoot }),
    ...(revision < Revision.Cancun
      ? {}
      : {
          blobGasUsed: 0n,
          excessBlobGas: numberOf(genesis.excessBlobGas ?? '0', 'genesis.excessBlobGas'),
          parentBeaconBlockRoot: emptyHeader.mixHash,
        }),
    ...(revision < Revision.Prague ? {} : { requestsHash: emptyHeader.mixHash }),
  }
  const [header, , ...rest] = RLP.decode(encodeBlock(draft)) as unknown as Items
  const bytes = Buffer.from(input.replace(/^0x/, ''), 'hex')
  // Legacy transactions stand in the list as they are, typed ones as strings.
  const transaction = bytes[0] >= 0xc0 ? RLP.decode(bytes) : bytes
  return RLP.encode([header, [transaction], ...rest] as Parameters<typeof RLP.encode>[0])
}

type Items = readonly [header: unknown, transactions: unknown, ...rest: unknown[]]

/** Members that say where a transaction stands, which the tests have in no block. */
const places: ReadonlySet<string> = new Set([
  'blockHash',
  'blockNumber',
  'transactionHash',
  'transactionPosition',
])

/**
 * A tracer's answer as it is compared: as a value, members in any order. In calls what is nothing is as good
 * as absent, as it is for geth, which compares what it has read into structures.
 */
export function comparable(answer: unknown, tracer: TracerName): string {
  const ofCalls = tracer === 'callTracer' || tracer === 'flatCallTracer'
  const shaped = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shaped)
    if (!isRecord(value)) return value
    const members = Object.entries(value)
      .filter(([name]) => tracer !== 'flatCallTracer' || !places.has(name))
      .map(([name, member]) => [name, shaped(member)] as const)
      .filter(([, member]) => !ofCalls || !isNothing(member))
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return JSON.stringify(shaped(answer))
}

function isNothing(value: unknown): boolean {
  if (typeof value === 'string') return /^(0x0*)?$/.test(value)
  if (Array.isArray(value)) return value.length === 0
  return value === null || value === 0 || (isRecord(value) && Object.keys(value).length === 0)
}
