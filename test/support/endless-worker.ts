/** A worker thread with endless blocks running and waiting, until it is ended. */

import { parentPort } from 'node:worker_threads'
import { Engine, MemoryState } from '../../lib/index.js'
import { endlessAlloc, endlessBlock, endlessOptions } from './endless.js'

const engine = await Engine.create()
const state = new MemoryState(endlessAlloc)
for (let i = 0; i < 20; i++) void engine.executeBlock(endlessBlock(), { state, ...endlessOptions })
parentPort?.postMessage('running')
