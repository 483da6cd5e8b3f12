/** Files of blocks. */

import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readBlocks } from '../lib/index.js'
import { buildChain } from './support/chain-generator/build.js'
import { generateChain } from './support/chain-generator/generate.js'
import { eraOf } from './support/era1.js'
import { errorOf } from './support/thrown.js'

const files = suite('files of blocks')

const shape = { seed: 5, blocks: 4, blocksPerFork: 4, firstFork: 'london' }
const { blocks } = await buildChain(generateChain(shape))
const plain = Buffer.concat(blocks)
const folder = await mkdtemp(join(tmpdir(), 'braid-files-'))
files.after(() => rm(folder, { recursive: true }))

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(...args: Parameters<typeof readBlocks>): Promise<string[]> {
  const read: string[] = []
  for await (const block of readBlocks(...args)) read.push(Buffer.from(block).toString('hex'))
  return read
}

const expected = blocks.map((block) => Buffer.from(block).toString('hex'))
const era = eraOf(blocks)

files('the same blocks come out of every form', async () => {
  const path = join(folder, 'chain.rlp')
  await writeFile(path, plain)
  assert.equal(await all(path), expected)
  assert.equal(await all(createReadStream(path)), expected)
  await writeFile(`${path}.bin`, gzipSync(plain))
  assert.equal(await all(`${path}.bin`), expected)
  for (const size of [1, 7, 100_000]) {
    assert.equal(await all(inPieces(plain, size)), expected)
    assert.equal(await all(inPieces(gzipSync(plain), size)), expected)
    assert.equal(await all(inPieces(era, size)), expected)
  }
  assert.equal(await all([path, inPieces(era, 50)]), [...expected, ...expected])
  assert.equal(await all(Readable.from([])), [])
})

files('cut off anywhere, a file says so', async () => {
  const ends = new Set([0])
  for (const block of blocks) ends.add([...ends].at(-1)! + block.length)
  for (let size = 0; size < plain.length; size += size < 300 ? 1 : 97) {
    if (ends.has(size)) continue
    const error = await errorOf(all(inPieces(plain.subarray(0, size), 4096)))
    assert.is(error.code, 'DECODE_RLP_TRUNCATED', `${size} bytes`)
  }
  const packed = gzipSync(plain)
  for (let size = 2; size < packed.length; size += size < 300 ? 1 : 97) {
    const error = await errorOf(all(inPieces(packed.subarray(0, size), 4096)))
    assert.is(error.code, 'DECODE_FILE_DAMAGED', `${size} bytes, packed`)
  }
  for (let size = 8; size < era.length; size += size < 300 ? 1 : 97) {
    const error = await errorOf(all(inPieces(era.subarray(0, size), 4096)))
    assert.is(error.code, 'DECODE_FILE_DAMAGED', `${size} bytes of an era`)
  }
})

files('where it is: file and byte', async () => {
  const path = join(folder, 'cut.rlp')
  await writeFile(path, plain.subarray(0, blocks[0].length + 10))
  const { code, details, message } = await errorOf(all(path))
  assert.is(code, 'DECODE_RLP_TRUNCATED')
  assert.is(details.file, path)
  assert.is(details.offset, blocks[0].length)
  assert.match(message, path)
  const missing = await errorOf(all(join(folder, 'none.rlp')))
  assert.is(missing.code, 'DECODE_SOURCE_FAILED')
})

files('the index of an era says where its blocks are', async () => {
  const size = 8 * blocks.length
  for (let at = era.length - 8 - size; at < era.length - 8; at++) {
    const damaged = Buffer.from(era)
    damaged[at] ^= 1
    const error = await errorOf(all(inPieces(damaged, 4096)))
    assert.is(error.code, 'DECODE_FILE_DAMAGED')
    assert.match(error.details.field ?? '', /^blockIndex\[\d\]$/)
  }
})

files('no flipped bit of an era passes', async () => {
  // Receipts are passed over; here there are none.
  for (let at = 8; at < era.length - 16; at += at < 1000 ? 5 : 131) {
    const damaged = Buffer.from(era)
    damaged[at] ^= 1 << (at % 8)
    const outcome = await all(inPieces(damaged, 4096)).then(
      (read) => read.join() !== expected.join() && 'other blocks',
      (error) => (/^DECODE_/.test(error.code) ? false : error),
    )
    assert.is(outcome, false, `byte ${at}`)
  }
})

files('a block larger than allowed is not read, packed or not', async () => {
  const bomb = Buffer.concat([Buffer.from([0xfb, 0x7f, 0xff, 0xff, 0xff]), Buffer.alloc(1 << 26)])
  const error = await errorOf(all(inPieces(gzipSync(bomb), 65_536)))
  assert.is(error.code, 'DECODE_SOURCE_TOO_LARGE')
  const small = await errorOf(all(inPieces(plain, 4096), { maxBlockSize: 100 }))
  assert.is(small.code, 'DECODE_SOURCE_TOO_LARGE')
  assert.is(
    (await errorOf(all(inPieces(era, 4096), { maxBlockSize: 100 }))).code,
    'DECODE_FILE_DAMAGED',
  )
})

files('what is no block is told', async () => {
  assert.is((await errorOf(all(inPieces(Buffer.from('hello'), 9)))).code, 'DECODE_FIELD_TYPE')
  const padded = Buffer.from([0xf8, 0x01, 0x01])
  assert.is((await errorOf(all(inPieces(padded, 9)))).code, 'DECODE_RLP_NON_CANONICAL')
})

files('progress ends at the total; a signal ends the reading', async () => {
  const path = join(folder, 'progress.rlp')
  await writeFile(path, plain)
  const seen: (number | undefined)[][] = []
  await all([path, path], { onProgress: ({ bytes, total }) => seen.push([bytes, total]) })
  assert.equal(seen.at(-1), [2 * plain.length, 2 * plain.length])
  const never: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
  }
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 20)
  const { signal } = controller
  assert.is((await errorOf(all(never, { signal }))).code, 'CANCELLED')
})

files.run()
