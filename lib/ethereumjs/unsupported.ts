/** What a VM of `@ethereumjs/vm` can be told and the native engine cannot follow. */

import type { RunBlockOpts, VM } from '@ethereumjs/vm'
import { errorFor } from '../errors.js'

/** What is looked at inside of a VM and its EVM; all of it is internal, and may be absent. */
interface VmInternals {
  readonly _opts?: {
    readonly profilerOpts?: {
      readonly reportAfterTx?: boolean
      readonly reportAfterBlock?: boolean
    }
  }
  readonly evm: {
    readonly events?: { listenerCount(event: string): number }
    readonly _customOpcodes?: readonly unknown[]
    readonly _customPrecompiles?: readonly unknown[]
    readonly allowUnlimitedContractSize?: boolean
    readonly allowUnlimitedInitCodeSize?: boolean
    readonly _optsCached?: { readonly profiler?: { readonly enabled?: boolean } }
  }
}

/** Events that the EVM would emit while it runs. */
const evmEvents = ['step', 'newContract', 'beforeMessage', 'afterMessage']

/** Throws `OPTION_UNSUPPORTED` for what would be left out without a word. */
export function checkSupported(vm: VM, options: RunBlockOpts): void {
  const { _opts, evm } = vm as unknown as VmInternals
  const listened = evmEvents.find((event) => (evm.events?.listenerCount(event) ?? 0) > 0)
  const unsupported: readonly (readonly [string, boolean])[] = [
    ['blockAccessList', options.blockAccessList !== undefined],
    [`vm.evm.events.on('${listened}')`, listened !== undefined],
    ['vm.evm customOpcodes', (evm._customOpcodes?.length ?? 0) > 0],
    ['vm.evm customPrecompiles', (evm._customPrecompiles?.length ?? 0) > 0],
    ['vm.evm allowUnlimitedContractSize', evm.allowUnlimitedContractSize === true],
    ['vm.evm allowUnlimitedInitCodeSize', evm.allowUnlimitedInitCodeSize === true],
    ['vm.evm profiler', evm._optsCached?.profiler?.enabled === true],
    ['vm profilerOpts', _opts?.profilerOpts?.reportAfterBlock === true],
    ['vm profilerOpts', _opts?.profilerOpts?.reportAfterTx === true],
  ]
  for (const [field, isUsed] of unsupported) {
    if (isUsed) throw errorFor('OPTION_UNSUPPORTED', { field })
  }
}
