import { Engine, isBraidError, MemoryState } from 'braid-evm'
import { runBlock } from 'braid-evm/ethereumjs'
import executeTinyBlock from './tiny-block.cjs'

if (typeof isBraidError !== 'function' || typeof runBlock !== 'function') {
  throw new Error('an export is missing')
}
await executeTinyBlock({ Engine, MemoryState })
