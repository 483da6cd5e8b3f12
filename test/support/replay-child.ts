/**
 * A process that replays a chain into a folder and notes every block that it is done with, to be killed:
 * `replay-child SEED BLOCKS FOLDER`. The folder holds `chain.rlp`, `genesis.rlp`, `alloc.json`.
 */

import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Genesis } from '../../lib/chain-files/index.js'
import { openDataState } from '../../lib/cli/data-state.js'
import { BlockHeader, Chain, Engine, readBlocks } from '../../lib/index.js'
import { commonOf } from './chain-generator/forks.js'
import { generateChain } from './chain-generator/generate.js'

const [seed, blocks, folder] = process.argv.slice(2)
const at = (name: string): string => join(folder, name)
const recipe = generateChain({
  seed: Number(seed),
  blocks: Number(blocks),
  blocksPerFork: 8,
  firstFork: 'cancun',
})
const common = commonOf(recipe)
const header = BlockHeader.decode(readFileSync(at('genesis.rlp')))
const genesis = { common, alloc: recipe.alloc, header } as Genesis
const engine = await Engine.create({ common, threads: 2 })
const { state, checkpoint } = await openDataState(at('data'), genesis)
const chain = await Chain.open({ engine, state, genesis })
const run = chain.replay(readBlocks(at('chain.rlp')), { checkpoint, every: 3 })
appendFileSync(at('log'), `start ${await run.start()}\n`)
for await (const { number, stateRoot } of run) {
  await setTimeout(2)
  appendFileSync(at('log'), `${number} ${stateRoot}\n`)
}
appendFileSync(at('log'), 'end\n')
