/** What a VM of `@ethereumjs/vm` can be told and the native engine cannot follow. */

import type { Common } from '@ethereumjs/common'
import type { RunBlockOpts, VM } from '@ethereumjs/vm'
import {
  checkParameters,
  hardforkRules,
  paramOf,
  rulesetOf,
  transactionParameters,
} from '../chain/index.js'
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
    readonly common?: Common
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
  checkCommons(vm, evm.common ?? vm.common, options)
}

/** Parameters may have changed since the last block: rulesets would not tell. */
function checkCommon(common: Common, owner: string): void {
  const hardfork = common.hardfork()
  if (hardforkRules.has(hardfork)) checkParameters(common, 'execution', undefined, owner)
  rulesetOf(common, hardfork)
}

/** What the price of blob gas depends on, which a VM takes from the block's Common. */
const blobPriceParameters = ['blobGasPriceUpdateFraction', 'minBlobGas']

/**
 * Parameters come from four Commons: those of the VM, of its EVM, of the block and of each transaction.
 * The VM's is what the native engine follows.
 */
function checkCommons({ common }: VM, evmCommon: Common, { block }: RunBlockOpts): void {
  const hardfork = common.hardfork()
  checkCommon(common, 'vm.common')
  if (evmCommon !== common) {
    if (evmCommon.hardfork() !== hardfork) {
      const details = { expected: hardfork, actual: evmCommon.hardfork() }
      throw errorFor('OPTION_UNSUPPORTED', { field: 'vm.evm.common', ...details })
    }
    checkCommon(evmCommon, 'vm.evm.common')
  }
  for (const name of blobPriceParameters) {
    const [expected, actual] = [paramOf(common, name), paramOf(block.common, name)]
    if (expected === undefined || actual === undefined || expected === actual) continue
    throw errorFor('OPTION_UNSUPPORTED', { field: `block.common params.${name}`, expected, actual })
  }
  block.transactions.forEach((tx, index) => {
    checkParameters(tx.common, 'execution', transactionParameters, `transactions[${index}].common`)
  })
}
