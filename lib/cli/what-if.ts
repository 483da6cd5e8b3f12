/** `braid what-if`: compares blocks under their own rules with other rules. */

import type { Engine } from '../engine/engine.js'
import type { CompareOptions } from '../engine/rule-comparison.js'
import type { BlockComparison, GasCosts, RuleSet } from '../what-if/index.js'
import {
  createEngine,
  type ExecutionOptions,
  givenState,
  isInvalidBlock,
  prepareBlock,
} from './block-run.js'
import { complainAbout } from './complaint.js'
import { ExitCode, print, printJson, UsageError } from './console.js'
import { type RemoteBlocks, remoteBlocksOf } from './remote-blocks.js'
import { printComparison } from './what-if-report.js'

/** The options of the command. */
interface WhatIfOptions extends Omit<ExecutionOptions, 'vm' | 'policy'> {
  /** The other rules' hardfork. */
  readonly fork?: string
  /** The other rules' gas costs, by name. */
  readonly set: GasCosts
  /** The hardfork to compare with. */
  readonly base?: string
  readonly rpc?: string
  readonly cache?: string
  readonly json?: boolean
}

/** Runs the command on the blocks of some files, or of a node. */
export async function whatIf(paths: readonly string[], options: WhatIfOptions): Promise<ExitCode> {
  const { fork, set, base, json } = options
  if (fork === undefined && Object.keys(set).length === 0) {
    throw new UsageError('say what is other: --fork NAME, or --set NAME=GAS')
  }
  const rules: [RuleSet, RuleSet] = [
    base ?? {},
    { ...(fork === undefined ? {} : { hardfork: fork }), gasCosts: set },
  ]
  const remote = remoteBlocksOf(options)
  const given = remote === undefined ? givenState(options, paths) : undefined
  const engine = await createEngine({ ...options, vm: 'builtin', policy: 'sequential' })
  const comparisons: BlockComparison[] = []
  let exitCode: ExitCode = ExitCode.Success
  try {
    for (const path of paths) {
      try {
        const comparison =
          remote === undefined
            ? await compareFile(engine, path, given, rules)
            : await compareRemote(engine, remote, path, rules)
        comparisons.push(comparison)
        if (json) continue
        if (comparisons.length > 1) print()
        printComparison(comparison)
      } catch (error) {
        if (!isInvalidBlock(error)) throw error
        complainAbout(error, { input: path })
        exitCode = ExitCode.Difference
      }
    }
  } finally {
    engine.close()
  }
  if (json) printJson({ blocks: comparisons })
  return exitCode
}

async function compareFile(
  engine: Engine,
  path: string,
  given: ReturnType<typeof givenState>,
  rules: CompareOptions['rules'],
): Promise<BlockComparison> {
  const { source, options } = prepareBlock(path, given)
  return engine.compare(source, { ...options, verify: true, rules })
}

/** What the node's traces tell is not believed where the block is not what its header says. */
async function compareRemote(
  engine: Engine,
  remote: RemoteBlocks,
  name: string,
  rules: CompareOptions['rules'],
): Promise<BlockComparison> {
  const block = await remote.find(name)
  const compareOn = (state: CompareOptions['state']) => engine.compare(block, { state, rules })
  try {
    return await remote.on(block, true, compareOn)
  } catch (error) {
    if (!isInvalidBlock(error)) throw error
    return remote.on(block, false, compareOn)
  }
}
