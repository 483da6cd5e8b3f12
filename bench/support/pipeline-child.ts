/**
 * Imports a chain in a process of its own, on whatever cores that has, and prints the milliseconds that the
 * middle of its runs took:
 *
 *   node build/bench/support/pipeline-child.js BLOCKS ACCOUNTS RUNS
 */

import { Engine } from '../../lib/index.js'
import { together } from './chain-import.js'
import { median } from './measure.js'
import { mixedChain } from './mixed-chain.js'

const [blocks = 50, accounts = 20_000, runs = 3] = process.argv.slice(2).map(Number)
const chain = await mixedChain({ blocks, accounts })
const engine = await Engine.create({ threads: 1 })
const milliseconds: number[] = []
for (let i = 0; i < runs; i++) milliseconds.push(await together(engine, chain))
engine.close()
console.log(median(milliseconds))
