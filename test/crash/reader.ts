/** A process that reads damaged states one after another: `reader WORLD`. It may die of one. */

import type { Hex } from '../../lib/index.js'
import { isBraidError, LmdbState } from '../../lib/index.js'
import { digestOf, history, World } from './world.js'

/** How a state is read. */
export type Reading = 'opened with a check' | 'checked when open' | 'unchecked'

/** What is asked. */
export interface ReadQuestion {
  readonly reading: Reading
  readonly folder: string
  /** The block that the state was of before it was damaged. */
  readonly head: Hex
}

/** `told`: by an error with a code, or by the check. `right`: everything is as if there were no damage. */
export type ReadResult = 'told' | 'right' | 'wrong' | 'untyped'

/** What is answered. */
export interface ReadAnswer {
  readonly result: ReadResult
  readonly detail: string
}

const world = World.read(process.argv[2])
const accounts = Object.keys(world.alloc)

async function read({ reading, folder, head }: ReadQuestion): Promise<ReadAnswer> {
  const check = reading === 'opened with a check'
  const state = await LmdbState.open(folder, { history, check })
  try {
    if (reading !== 'unchecked') {
      const { problem } = await state.check()
      if (problem !== undefined) return { result: 'told', detail: problem }
    }
    // One by one, in the tables' order, and what undoes the last blocks.
    const expected = world.find(head)
    let sum = 0n
    for (const address of accounts) {
      sum += state.getAccount(address)?.balance ?? 0n
      sum += BigInt(state.getStorage(address, 1n))
      sum += BigInt(state.getCode(address).length)
    }
    const digests = [
      expected?.digest === (await digestOf(state)),
      state.root === expected?.stateRoot,
    ]
    if (reading !== 'unchecked') {
      for (let i = state.undoable; i > 0; i--) await state.revert()
      const undone = world.find(state.head?.hash)
      digests.push(undone?.digest === (await digestOf(state)))
      digests.push((await state.check()).problem === undefined)
    }
    const isRight = digests.every((same) => same)
    return { result: isRight ? 'right' : 'wrong', detail: `${digests} ${sum}` }
  } finally {
    await state[Symbol.asyncDispose]()
  }
}

process.on('message', async (question: ReadQuestion) => {
  let answer: ReadAnswer
  try {
    answer = await read(question)
  } catch (error) {
    const isTyped = isBraidError(error) && error.code.startsWith('STORE_')
    answer = { result: isTyped ? 'told' : 'untyped', detail: String(error) }
  }
  process.send?.(answer)
})
process.on('disconnect', () => process.exit())
process.send?.({ result: 'right', detail: '' } satisfies ReadAnswer)
