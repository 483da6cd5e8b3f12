/** The blocks of the demo. */

import { encodeBlock } from '../../block/index.js'
import { BraidError } from '../../errors.js'
import { exampleBlock, exampleBlockNumbers } from '../../example-blocks/index.js'
import { StateTrie } from '../../trie/state-trie.js'
import { makeWorkload } from '../../workloads/index.js'
import type { Subject } from './subject.js'

/** The blocks of mainnet that come with the package; their states hold what they read. */
export function realBlocks(): Subject[] {
  return exampleBlockNumbers.map((number) => {
    const { block, options } = exampleBlock(number)
    return { name: `block ${number}`, block: encodeBlock(block), options }
  })
}

/** A made block of tokens and swaps, on a whole state; in words why there is none, where there is none. */
export async function madeBlock(transactions: number | undefined): Promise<Subject | string> {
  try {
    const { block, state } = await makeWorkload('defi', { transactions })
    return { name: 'made block', block, options: { state }, trie: new StateTrie(state) }
  } catch (error) {
    // An installed package comes without the contracts.
    const { code, message } = error as BraidError
    if (error instanceof BraidError && code === 'WORKLOAD_PACKAGE_MISSING') return message
    throw error
  }
}
