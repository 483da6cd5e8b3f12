/**
 * Parameters of a Common that a caller has set to other values than those that the native engine and the
 * rules here are made of.
 */

import { Common, Mainnet } from '@ethereumjs/common'
import { errorFor } from '../errors.js'
import { executionParameters, headerParameters, type Parameters } from './constants.js'
import { hardforkRules } from './hardforks.js'

/** The second value that a name goes by: not all dictionaries agree. */
const alternatives: ReadonlyMap<string, readonly bigint[]> = new Map([
  // The contract of EIP-2935 keeps 8191 hashes; the VM's dictionary and the EVM's differ.
  ['historyServeWindow', [8191n, 8192n]],
  // 9.7 million by EIP-3554, 9.5 in the dictionary.
  ['difficultyBombDelay', [9_500_000n, 9_700_000n]],
])

/** What the intrinsic gas and the limits of a transaction depend on. */
export const transactionParameters: readonly string[] = [
  'txGas',
  'txCreationGas',
  'txDataZeroGas',
  'txDataNonZeroGas',
  'accessListStorageKeyGas',
  'accessListAddressGas',
  'initCodeWordGas',
  'maxInitCodeSize',
  'totalCostFloorPerToken',
  'perEmptyAccountCost',
  'maxTransactionGasLimit',
]

/**
 * What makes a chain whose Common can be set to any hardfork: chains list only those that they schedule.
 * BPO3 to BPO5 change parameters alone, which `@ethereumjs/common` does not know yet.
 */
export const everyHardfork = {
  hardforks: [...hardforkRules.keys()].map((name) => ({ name, block: 0 })),
  customHardforks: { bpo3: {}, bpo4: {}, bpo5: {} },
}

/** What parameters are asked about. */
export type ParameterKind = 'execution' | 'header'

const tables = { execution: executionParameters, header: headerParameters } as const

/** The constants of a hardfork by name; a name that it does not have yet is not in it. */
type Constants = ReadonlyMap<string, bigint | undefined>

const constants = new Map<string, Constants>()

/**
 * Throws `OPTION_UNSUPPORTED` with `params.NAME` for the first parameter of a Common, set to a hardfork,
 * that has another value than the protocol gives it there. Parameters that the Common does not have are
 * fine.
 *
 * @param names only these. Default: all of the kind
 */
export function checkParameters(
  set: Common,
  kind: ParameterKind,
  names?: readonly string[],
  owner = 'common',
): void {
  const hardfork = set.hardfork()
  const known = constantsAt(hardfork, kind)
  for (const name of names ?? known.keys()) {
    const actual = paramOf(set, name)
    const expected = known.get(name)
    if (actual === undefined || actual === expected) continue
    const others = alternatives.get(name)
    if (others?.includes(actual) && others.includes(expected ?? -1n)) continue
    throw errorFor('OPTION_UNSUPPORTED', {
      field: `${owner} params.${name}`,
      hardfork,
      expected: expected ?? 'none',
      actual,
    })
  }
}

/** A parameter of the Common; undefined where it was made without parameter dictionaries. */
export function paramOf(set: Common, name: string): bigint | undefined {
  try {
    return set.param(name)
  } catch {
    return undefined
  }
}

/** Every name of a kind, with its value in a hardfork, undefined before there is one. */
function constantsAt(hardfork: string, kind: ParameterKind): Constants {
  const key = `${kind} ${hardfork}`
  let found = constants.get(key)
  if (found === undefined) {
    const params = dictionaryOf(tables[kind])
    const reference = new Common({ chain: { ...Mainnet, ...everyHardfork }, hardfork, params })
    const names = new Set(Object.values(params).flatMap(Object.keys))
    found = new Map([...names].map((name) => [name, paramOf(reference, name)]))
    constants.set(key, found)
  }
  return found
}

/** A table in the shape of the parameters of a Common. */
function dictionaryOf(table: Parameters): Record<string, Record<string, number | string>> {
  return Object.fromEntries(
    Object.entries(table).map(([eip, values]) => [
      eip,
      Object.fromEntries(
        values.flatMap(([value, names]) => names.split(/\s+/).map((name) => [name, value])),
      ),
    ]),
  )
}
