/** `braid import`: imports the blocks of files into a state that lasts. */

import { existsSync } from 'node:fs'
import { type Genesis, readBlocks, readGenesis } from '../chain-files/index.js'
import { Chain, type Replay } from '../chain-head/index.js'
import { Engine } from '../engine/engine.js'
import { BlockDecodeError } from '../errors.js'
import type { PolicyName } from '../schedule/policy.js'
import { isInvalidBlock } from './block-run.js'
import { chainNames, chainOf } from './chain-option.js'
import { complainAbout } from './complaint.js'
import { complain, ExitCode, InputError, jsonValue, print, UsageError } from './console.js'
import { isStoreError, openDataState } from './data-state.js'
import { checkReadable, checkStandardInput, nameOf, standardInput } from './files.js'
import { Interruption } from './interruption.js'
import { progressOn } from './progress.js'

/** The options of the command. */
interface ImportOptions {
  /** The name of a network, or the path of a genesis file. */
  readonly chain?: string
  readonly genesis?: string
  /** The folder of the state. */
  readonly data: string
  /** The last block. */
  readonly to?: bigint
  readonly mergeBlock?: bigint
  readonly validate: boolean
  readonly vm: string
  /** 0: one per core. */
  readonly threads: number
  readonly policy: PolicyName
  readonly json?: boolean
}

const bytesPerMegabyte = 1e6

const formats = 'A file is RLP blocks one behind the other, or era1, packed by gzip or not.'

/** Runs the command on some files of blocks. */
export async function importBlocks(
  paths: readonly string[],
  options: ImportOptions,
): Promise<number> {
  checkStandardInput(paths)
  for (const path of paths) checkReadable(path)
  const genesis = await genesisOf(options)
  try {
    return await importInto(paths, genesis, options)
  } catch (error) {
    if (!isStoreError(error)) throw error
    complainAbout(error, { input: options.data })
    return ExitCode.Trouble
  }
}

async function importInto(
  paths: readonly string[],
  genesis: Genesis,
  { data: folder, to, vm, threads, policy, validate, json = false }: ImportOptions,
): Promise<number> {
  await using engine = await Engine.create({ common: genesis.common, vm, threads, policy })
  await using data = await openDataState(folder, genesis)
  const { state, checkpoint, every } = data
  const settings = { validate, transactionRoots: true }
  const chain = await Chain.open({ engine, state, genesis, ...settings })
  const files = new FileProgress(json)
  const sources = paths.map((path) => (path === standardInput ? process.stdin : path))
  using interruption = new Interruption()
  const { signal } = interruption
  const blocks = readBlocks(sources, { onProgress: files.read })
  const run = chain.replay(blocks, { to, checkpoint, every, signal })
  let exitCode: number = ExitCode.Success
  try {
    const first = await run.start()
    if (!json) print(`from block ${first}`)
    for await (const _ of run) files.show(run)
  } catch (error) {
    const isMalformed = error instanceof BlockDecodeError
    const isInvalid = isInvalidBlock(error)
    if (!isMalformed && !isInvalid && !interruption.isCauseOf(error)) throw error
    files.clear()
    if (isMalformed || isInvalid) complainAbout(error, { hint: isMalformed ? formats : undefined })
    exitCode = isInvalid ? ExitCode.Difference : ExitCode.Trouble
  } finally {
    files.clear()
    await run.return()
  }
  const { number, hash } = chain.head
  if (interruption.exitCode !== undefined) {
    exitCode = interruption.exitCode
    complain(`braid: ended at block ${number}: the same command goes on from there`)
  }
  const head = { number, hash, stateRoot: state.root }
  if (json) {
    print(JSON.stringify(head, jsonValue))
    return exitCode
  }
  const { blocks: count, transactions, elapsed, mgasPerSecond } = run.progress
  const speed = `${mgasPerSecond.toFixed(1)} Mgas/s`
  print(`${count} blocks, ${transactions} transactions, ${(elapsed / 1000).toFixed(1)} s, ${speed}`)
  print(`head       ${number} ${hash}`)
  print(`state root ${head.stateRoot}`)
  return exitCode
}

/** What the chain begins with, and its rules. */
async function genesisOf({ chain, genesis: file, mergeBlock }: ImportOptions): Promise<Genesis> {
  const path = file ?? chain
  if (path === undefined || (file === undefined && chainNames.includes(path))) {
    const given = path === undefined ? '' : `, which --chain ${path} does not tell`
    throw new UsageError(
      `import needs the accounts that the chain begins with${given}: give --genesis FILE`,
    )
  }
  if (file === undefined && !existsSync(path)) await chainOf(path)
  checkReadable(path)
  const genesis = await readGenesis(path, { mergeBlock })
  if (chain === undefined || file === undefined) return genesis
  const common = await chainOf(chain)
  const [actual, expected] = [genesis.common.chainId(), common.chainId()]
  if (actual === expected) return { ...genesis, common }
  throw new InputError(`${nameOf(path)} is one of chain ${actual}, and --chain one of ${expected}`)
}

/** A bar over the bytes of files. */
class FileProgress {
  readonly #start: ReturnType<typeof progressOn>
  #bar: ReturnType<ReturnType<typeof progressOn>> | undefined
  #bytes = 0
  #total = 0
  #current = ''

  constructor(json: boolean) {
    this.#start = progressOn({ json })
  }

  readonly read = ({ bytes, total = 0 }: { bytes: number; total: number | undefined }): void => {
    this.#bytes = bytes
    this.#total = total
    this.#bar ??= this.#start(Math.ceil(total / bytesPerMegabyte), 'MB')
    // Blocks that an earlier import has done are passed over.
    if (this.#current === '') this.#update()
  }

  show({ progress: { blockNumber, mgasPerSecond } }: Replay): void {
    this.#current = `block ${blockNumber}, ${mgasPerSecond.toFixed(0)} Mgas/s`
    this.#update()
  }

  clear(): void {
    this.#bar?.clear()
  }

  #update(): void {
    this.#bar?.update(Math.round(this.#bytes / bytesPerMegabyte), {
      share: this.#bytes / this.#total,
      current: this.#current,
    })
  }
}
