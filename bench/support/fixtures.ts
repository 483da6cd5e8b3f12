/** The conformance data that the benchmarks run on: BRAID_FIXTURES, else ../shared/fixtures. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { type Alloc, encodeBlock, type RpcBlock } from 'braid-evm'

/** The repository's root, seen from build/bench/support. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

const folder = process.env.BRAID_FIXTURES ?? join(root, '..', 'shared', 'fixtures')

/** A real block, with the part of its parent's state that it reads. */
export interface MainnetBlock {
  readonly name: string
  readonly rlp: Uint8Array
  readonly transactionCount: number
  readonly gasUsed: number
  /** Ommers whose headers the data lacks: they are not in the RLP, so their hash cannot match. */
  readonly missingOmmers: number
  readonly preState: Alloc
  readonly blockHashes: Readonly<Record<string, string>>
}

interface MainnetFile {
  readonly block: RpcBlock
  readonly preState: Alloc
  readonly blockHashes: Readonly<Record<string, string>>
}

function readFixture(path: string): unknown {
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8'))
}

/** Whether some of the data is there. */
export function hasFixtures(...names: string[]): boolean {
  return existsSync(join(folder, ...names))
}

/** The path of some of the data. Throws where it is missing. */
export function fixturePath(...names: string[]): string {
  const path = join(folder, ...names)
  if (!existsSync(path)) {
    throw new Error(
      `the data of this benchmark is missing: ${path} (BRAID_FIXTURES names its root)`,
    )
  }
  return path
}

/** All blocks of mainnet_blocks by number. One is read when it is asked for. */
export function* mainnetBlocks(): Generator<MainnetBlock> {
  const path = fixturePath('mainnet_blocks')
  const names = readdirSync(path)
    .filter((name) => name.endsWith('.json.gz'))
    .map((name) => name.slice(0, -'.json.gz'.length))
    .sort((a, b) => Number(a) - Number(b))
  for (const name of names) yield mainnetBlock(name)
}

/** One of the blocks of mainnet_blocks. */
export function mainnetBlock(name: string): MainnetBlock {
  const path = join(fixturePath('mainnet_blocks'), `${name}.json.gz`)
  const { block, preState, blockHashes } = readFixture(path) as MainnetFile
  return {
    name,
    rlp: encodeBlock(block),
    transactionCount: block.transactions.length,
    gasUsed: Number(block.gasUsed),
    missingOmmers: block.uncles?.length ?? 0,
    preState,
    blockHashes,
  }
}

/** A case of eest/benchmark: blocks to import in order on a genesis state. */
export interface FillCase {
  /** The test's name without what all names share. */
  readonly name: string
  /** The gas budget in Mgas that the last block fills. */
  readonly budget: number
  readonly pre: Alloc
  readonly blocks: readonly Uint8Array[]
}

interface BlockchainTest {
  readonly pre: Alloc
  readonly blocks: readonly { readonly rlp: string }[]
}

/** All cases of eest/benchmark, file by file. */
export function* fillCases(): Generator<FillCase> {
  const path = fixturePath('eest', 'benchmark')
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
  for (const file of files) {
    const tests = readFixture(join(path, file)) as Readonly<Record<string, BlockchainTest>>
    for (const [id, { pre, blocks }] of Object.entries(tests)) {
      yield {
        ...describe(relative(path, join(path, file)), id),
        pre,
        blocks: blocks.map(({ rlp }) => Buffer.from(rlp.slice(2), 'hex')),
      }
    }
  }
}

/** `…::test_shifts[fork_Osaka-blockchain_test-opcode_SAR-benchmark-gas-value_30M]` in short. */
function describe(file: string, id: string): { readonly name: string; readonly budget: number } {
  const group = file.split('/').at(-2) ?? ''
  const [, test = id, parameters = ''] = /::test_(\w+)\[(.*)\]$/.exec(id) ?? []
  const budget = /-benchmark-gas-value_(\d+)M/.exec(parameters)?.[1]
  const variant = parameters
    .replace(/fork_\w+-blockchain_test-?/, '')
    .replace(/-?benchmark-gas-value_\d+M/, '')
  const names = [group, test, variant].filter((part, i, all) => part !== '' && part !== all[i - 1])
  return { name: names.join(' / '), budget: Number(budget ?? Number.NaN) }
}
