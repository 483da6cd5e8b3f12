/** The chains that block tests are run on. */

import { Common, Mainnet } from '@ethereumjs/common'
import { blobParameters, canonicalHardfork, hardforkRules } from '../../chain/index.js'
import { Engine } from '../../engine/engine.js'
import type { EngineOptions } from '../../engine/options.js'
import type { BlockTestConfig } from './format.js'

/** A chain, or the part of one before or after the merge. */
export interface Stage {
  readonly engine: Engine
  /** Whether proofs of work are checked. */
  readonly proofOfWork: boolean
}

/** The chain of a test. */
export interface Network {
  /** The part of the chain that a block is in, by the total difficulty up to its parent. */
  stageAt(parentTotalDifficulty: bigint): Stage
}

/** Where a network changes from its first fork to its second. */
type Switch =
  | { readonly kind: 'block' | 'time' | 'totalDifficulty'; readonly at: bigint }
  | undefined

/** What a network's name says. */
interface NetworkName {
  readonly from: string
  readonly to: string
  readonly change: Switch
}

/** `HomesteadToDaoAt5`, `ParisToShanghaiAtTime15k`, `ArrowGlacierToParisAtDiffC0000` */
const transition = /^(\w+?)To(\w+)At(Time|Diff)?([0-9A-Fa-f]+)(k?)$/

/**
 * Makes the chain that a test names. Undefined where a fork is not supported.
 *
 * @param proofOfWork whether proofs of work are checked
 * @param options what its engines are made with, beside the chain
 */
export async function makeNetwork(
  name: string,
  config: BlockTestConfig | undefined,
  proofOfWork: boolean,
  options: Omit<EngineOptions, 'common'>,
): Promise<Network | undefined> {
  const parsed = parseNetwork(name)
  if (parsed === undefined) return undefined
  const { from, to, change } = parsed
  const stageOf = async (common: Common): Promise<Stage> => ({
    engine: await Engine.create({ ...options, common }),
    proofOfWork,
  })
  if (change?.kind === 'totalDifficulty') {
    const before = await stageOf(makeChain({ from, to: from, change: undefined }, config))
    const after = await stageOf(makeChain({ from: to, to, change: undefined }, config))
    return { stageAt: (total) => (total < change.at ? before : after) }
  }
  const stage = await stageOf(makeChain(parsed, config))
  return { stageAt: () => stage }
}

function parseNetwork(name: string): NetworkName | undefined {
  const match = transition.exec(name)
  if (match === null) {
    const fork = canonicalHardfork(name)
    return fork === undefined ? undefined : { from: fork, to: fork, change: undefined }
  }
  const [, first, second, unit, digits, thousands] = match
  const from = canonicalHardfork(first)
  const to = canonicalHardfork(second)
  if (from === undefined || to === undefined) return undefined
  if (unit === 'Diff') {
    return { from, to, change: { kind: 'totalDifficulty', at: BigInt(`0x${digits}`) } }
  }
  const at = BigInt(digits) * (thousands === 'k' ? 1000n : 1n)
  return { from, to, change: { kind: unit === 'Time' ? 'time' : 'block', at } }
}

/** Forks that only some chains have. */
const optionalForks: ReadonlySet<string> = new Set(['dao', 'mergeNetsplitBlock'])

function makeChain({ from, to, change }: NetworkName, config: BlockTestConfig | undefined): Common {
  const names = [...hardforkRules.keys()]
  const first = names.indexOf(from)
  const hardforks = names
    .slice(0, names.indexOf(to) + 1)
    .filter((name) => !optionalForks.has(name) || name === to || name === from)
    .map((name) => {
      if (change === undefined || names.indexOf(name) <= first) return { name, block: 0 }
      const at = Number(change.at)
      return change.kind === 'block' ? { name, block: at } : { name, block: null, timestamp: at }
    })
  const { params, customHardforks } = blobParameters(config?.blobSchedule ?? {})
  return new Common({
    chain: {
      ...Mainnet,
      chainId: Number(config?.chainid ?? 1),
      defaultHardfork: 'chainstart',
      hardforks,
      customHardforks,
    },
    params,
  })
}
