/** Blocks out of files: RLP one after another, packed by gzip or not, and `era1` files. */

import { checkOptions, demand } from '../arguments.js'
import {
  ByteInput,
  type ByteSource,
  checkByteSource,
  type InputCodes,
  ProgressCounter,
  type ReadOptions,
} from './byte-input.js'
import { readEra1 } from './era1.js'
import { versionEntry } from './era1-layout.js'

/** How files of blocks are read. */
export interface ReadBlocksOptions extends ReadOptions {
  /** The most bytes of one block. Default 64 MiB. */
  readonly maxBlockSize?: number | undefined
  /** Whether the accumulators of `era1` files are compared with their blocks. Default true. */
  readonly checkAccumulator?: boolean | undefined
}

const codes: InputCodes = { unreadable: 'DECODE_SOURCE_FAILED', damaged: 'DECODE_FILE_DAMAGED' }

const defaultMaxBlockSize = 1 << 26

/**
 * The RLP of the blocks in files or streams, one after another, in the order of the sources. A source is
 * RLP blocks one behind the other, or an `era1` file; either may be packed by gzip. Its first bytes tell,
 * not its name. In memory are one block and a piece of the file.
 *
 * Blocks are told apart, not decoded: that they are right is seen by who decodes or executes them.
 *
 * @throws BlockDecodeError while iterating, with `file` and `offset`: `DECODE_RLP_TRUNCATED` where the
 *   last block is cut off, `DECODE_FIELD_TYPE` where no block begins, `DECODE_RLP_NON_CANONICAL`,
 *   `DECODE_SOURCE_TOO_LARGE`, `DECODE_FILE_DAMAGED`, `DECODE_SOURCE_FAILED`
 * @throws AbortError `CANCELLED`
 */
export async function* readBlocks(
  sources: ByteSource | readonly ByteSource[],
  options: ReadBlocksOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  checkOptions(options, {
    signal: true,
    onProgress: true,
    maxBlockSize: true,
    checkAccumulator: true,
  })
  const { maxBlockSize = defaultMaxBlockSize, checkAccumulator = true } = options
  demand(
    Number.isSafeInteger(maxBlockSize) && maxBlockSize > 0,
    'maxBlockSize',
    'a number of bytes above 0',
    maxBlockSize,
  )
  const list: readonly ByteSource[] = isList(sources) ? sources : [sources]
  for (const source of list) checkByteSource(source, 'source')
  const progress = await ProgressCounter.of(list, options, codes)
  for (const source of list) {
    const input = new ByteInput(source, options, codes, progress)
    try {
      const isEra = (await input.fill(8)) && input.window.subarray(0, 8).equals(versionEntry)
      yield* isEra
        ? readEra1(input, { maxBlockSize, checkAccumulator })
        : readRlpBlocks(input, maxBlockSize)
    } finally {
      await input.close()
    }
  }
}

function isList(sources: ByteSource | readonly ByteSource[]): sources is readonly ByteSource[] {
  return Array.isArray(sources)
}

async function* readRlpBlocks(
  input: ByteInput,
  maxBlockSize: number,
): AsyncGenerator<Uint8Array, void, void> {
  while (await input.fill(1)) {
    const size = await blockSize(input)
    if (size > maxBlockSize) {
      throw input.fail('DECODE_SOURCE_TOO_LARGE', {
        field: 'block',
        expected: `${maxBlockSize} bytes at most`,
        actual: size,
      })
    }
    if (!(await input.fill(size))) throw truncated(input, size)
    yield input.take(size)
  }
}

/** The size of the list that begins here, its header included. */
async function blockSize(input: ByteInput): Promise<number> {
  const prefix = input.window[0]
  if (prefix < 0xc0) {
    throw input.fail('DECODE_FIELD_TYPE', { field: 'block', expected: 'list', actual: 'bytes' })
  }
  if (prefix < 0xf8) return 1 + prefix - 0xc0
  const header = 1 + prefix - 0xf7
  if (!(await input.fill(header))) throw truncated(input, header)
  const { window } = input
  let size = 0
  for (let i = 1; i < header; i++) size = size * 256 + window[i]
  if (window[1] === 0 || size < 56) {
    throw input.fail('DECODE_RLP_NON_CANONICAL', { field: 'block' })
  }
  return header + size
}

function truncated(input: ByteInput, expected: number) {
  const details = { field: 'block', expected: `${expected} bytes`, actual: input.available }
  return input.fail('DECODE_RLP_TRUNCATED', details)
}
