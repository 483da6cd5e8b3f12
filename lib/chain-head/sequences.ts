/** Sequences of blocks that were read from already. */

import { type BlockSource, decodeBlock } from '../block/index.js'
import { isBraidError } from '../errors.js'
import { RlpReader } from '../rlp/index.js'

/** An iterator of blocks of whichever kind. */
export type BlockIterator = Iterator<BlockSource> | AsyncIterator<BlockSource>

/** A block, and what an iterator gives behind it. */
export function resumed(first: BlockSource, rest: BlockIterator): AsyncIterable<BlockSource> {
  let isFirst = true
  const next = async (): Promise<IteratorResult<BlockSource>> => {
    if (!isFirst) return rest.next()
    isFirst = false
    return { done: false, value: first }
  }
  const end = async (): Promise<IteratorResult<BlockSource>> => {
    await rest.return?.()
    return { done: true, value: undefined }
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) }
}

/** Where a header has its number. */
const numberField = 8

/** The number of a block, of which as little as possible is read. */
export function numberOf(source: BlockSource): bigint {
  if (source instanceof Uint8Array) {
    try {
      const reader = new RlpReader(source)
      reader.enter('block')
      reader.enter('header')
      for (let i = 0; i < numberField; i++) reader.next('header')
      return reader.bigint('number', 8)
    } catch (error) {
      if (!isBraidError(error)) throw error
    }
  }
  // What cannot be read says so in its own way.
  return decodeBlock(source).number
}
