/** A process that ends while endless blocks run. */

import { Engine, MemoryState } from '../../lib/index.js'
import { endlessAlloc, endlessBlock, endlessOptions } from './endless.js'

const engine = await Engine.create()
const state = new MemoryState(endlessAlloc)
for (let i = 0; i < 4; i++) void engine.executeBlock(endlessBlock(), { state, ...endlessOptions })
setTimeout(() => process.exit(7), 20)
