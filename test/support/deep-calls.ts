/** A block whose one transaction nests calls as deep as they go. */

import { keccak256, NativeEngine, NativeState } from '../../lib/native/load.js'
import { address, packBlock, packState, readOutput } from './packed.js'

/** Calls itself with all gas and then stops: CALL(GAS, ADDRESS, 0, 0, 0, 0, 0). */
const code = Buffer.from('60006000600060006000305af100', 'hex')

/** Gas that is enough for 1024 frames although each passes on 63/64 at most (EIP-150). */
const gasLimit = 1n << 42n

/** Runs the block on the calling thread; gives its gas, which depends on the depth reached. */
export function deepCalls(): bigint {
  const state = new NativeState()
  state.load(
    packState([
      { address: address(1), balance: 1n },
      { address: address(3), code, codeHash: keccak256(code) },
    ]),
  )
  const block = packBlock([{ sender: address(1), to: address(3), gasLimit }], { gasLimit })
  return readOutput(new NativeEngine().executeSync(state, block)).gasUsed
}
