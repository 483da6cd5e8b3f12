/** A worker thread that always has blocks running, until it is ended. */

import { parentPort } from 'node:worker_threads'
import { keccak256, NativeEngine, NativeState } from '../../lib/native/load.js'
import { address, packBlock, packState } from './packed.js'

const code = Buffer.from('5b600056', 'hex')
const state = new NativeState()
state.load(
  packState([
    { address: address(1), balance: 1000n },
    { address: address(3), code, codeHash: keccak256(code) },
  ]),
)
const engine = new NativeEngine()
const block = packBlock([{ sender: address(1), to: address(3), gasLimit: 2_000_000n }])

async function runForever(): Promise<void> {
  for (;;) await engine.execute(state, block)
}

for (let i = 0; i < 8; i++) void runForever()
parentPort?.postMessage('running')
