/**
 * Blocks of `@ethereumjs/vm`, executed by the native engine: `runBlock` takes the same VM and options,
 * and gives the same result.
 *
 * ```ts
 * import { createVM } from '@ethereumjs/vm'
 * import { runBlock } from 'braid-evm/ethereumjs'
 *
 * const vm = await createVM({ common, stateManager, blockchain })
 * const result = await runBlock(vm, { block })
 * ```
 *
 * @module
 */

export { type RunnerOptions, runBlock } from './run-block.js'
