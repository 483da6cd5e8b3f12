/** The block around the transactions of `braid t8n`: what its file says, and what follows from the parent. */

import {
  difficultyOf,
  nextBaseFee,
  nextExcessBlobGas,
  Revision,
  type Ruleset,
} from '../../chain/index.js'
import { emptyOmmersHash } from '../../empty-hashes.js'
import type { Hex } from '../../hex/index.js'
import {
  listOf,
  numberOf,
  objectOf,
  optionalNumber,
  sizedOf,
  wordOf,
  wrongMember,
} from '../evm-tool/json-fields.js'
import { ToolError, ToolExitCode } from '../evm-tool/tool-error.js'

/** A withdrawal (EIP-4895). */
export interface EnvironmentWithdrawal {
  readonly index: bigint
  readonly validatorIndex: bigint
  readonly address: Hex
  readonly amount: bigint
}

/** What is around the transactions. What is undefined the file does not say. */
export interface Environment {
  readonly coinbase: Hex
  readonly gasLimit: bigint
  readonly number: bigint
  readonly timestamp: bigint
  readonly difficulty: bigint | undefined
  readonly random: bigint | undefined
  readonly baseFee: bigint | undefined
  readonly excessBlobGas: bigint | undefined
  readonly beaconRoot: Hex | undefined
  readonly withdrawals: readonly EnvironmentWithdrawal[] | undefined
  readonly ommers: readonly { readonly address: Hex; readonly delta: number }[]
  readonly blockHashes: ReadonlyMap<bigint, Hex> | undefined
  readonly parent: ParentFields
}

/** What is said of the parent. */
interface ParentFields {
  readonly difficulty: bigint | undefined
  readonly baseFee: bigint | undefined
  readonly gasUsed: bigint
  readonly gasLimit: bigint
  readonly timestamp: bigint
  readonly ommersHash: Hex
  readonly excessBlobGas: bigint | undefined
  readonly blobGasUsed: bigint | undefined
}

/** Reads an environment. Throws where it is none. */
export function readEnvironment(value: unknown): Environment {
  const env = objectOf(value, 'env')
  const number = (name: string, bits = 64) => optionalNumber(env[name], `env.${name}`, bits)
  const demanded = (name: string) => numberOf(env[name], `env.${name}`, 64)
  const { withdrawals, blockHashes, parentUncleHash, parentBeaconBlockRoot } = env
  return {
    coinbase: sizedOf(env.currentCoinbase, 20, 'env.currentCoinbase'),
    gasLimit: demanded('currentGasLimit'),
    number: demanded('currentNumber'),
    timestamp: demanded('currentTimestamp'),
    difficulty: number('currentDifficulty', 256),
    random: number('currentRandom', 256),
    baseFee: number('currentBaseFee', 256),
    excessBlobGas: number('currentExcessBlobGas'),
    beaconRoot:
      typeof parentBeaconBlockRoot === 'string'
        ? sizedOf(parentBeaconBlockRoot, 32, 'env.parentBeaconBlockRoot')
        : undefined,
    withdrawals: Array.isArray(withdrawals) ? withdrawals.map(readWithdrawal) : undefined,
    ommers: listOf(env.ommers, 'env.ommers').map(readOmmer),
    blockHashes:
      blockHashes === undefined || blockHashes === null ? undefined : readHashes(blockHashes),
    parent: {
      difficulty: number('parentDifficulty', 256),
      baseFee: number('parentBaseFee', 256),
      gasUsed: number('parentGasUsed') ?? 0n,
      gasLimit: number('parentGasLimit') ?? 0n,
      timestamp: number('parentTimestamp') ?? 0n,
      ommersHash: wordOf(parentUncleHash ?? '0x', 'env.parentUncleHash'),
      excessBlobGas: number('parentExcessBlobGas'),
      blobGasUsed: number('parentBlobGasUsed'),
    },
  }
}

function readWithdrawal(value: unknown, i: number): EnvironmentWithdrawal {
  const name = `env.withdrawals[${i}]`
  const given = objectOf(value, name)
  return {
    index: numberOf(given.index, `${name}.index`, 64),
    validatorIndex: numberOf(given.validatorIndex, `${name}.validatorIndex`, 64),
    address: sizedOf(given.address, 20, `${name}.address`),
    amount: numberOf(given.amount, `${name}.amount`, 64),
  }
}

function readOmmer(value: unknown, i: number): { address: Hex; delta: number } {
  const name = `env.ommers[${i}]`
  const given = objectOf(value, name)
  const delta = numberOf(given.delta, `${name}.delta`, 64)
  if (delta > 8n) throw wrongMember(`${name}.delta`, 'a number up to 8', given.delta)
  return { address: sizedOf(given.address, 20, `${name}.address`), delta: Number(delta) }
}

function readHashes(value: unknown): ReadonlyMap<bigint, Hex> {
  const entries = Object.entries(objectOf(value, 'env.blockHashes'))
  return new Map(
    entries.map(([number, hash]) => [
      numberOf(number, 'env.blockHashes', 64),
      wordOf(hash, `env.blockHashes.${number}`),
    ]),
  )
}

/** What follows from the fork and the parent, in the words of geth where it cannot. */
export function completeEnvironment(given: Environment, ruleset: Ruleset): Environment {
  const { revision } = ruleset
  const withFee = revision >= Revision.London ? withBaseFee(given) : given
  if (revision >= Revision.Shanghai && given.withdrawals === undefined) {
    throw problem("Shanghai config but missing 'withdrawals' in env section")
  }
  const env = revision >= Revision.Paris ? merged(withFee) : withDifficulty(withFee, ruleset)
  if (revision < Revision.Cancun) return { ...env, beaconRoot: undefined, excessBlobGas: undefined }
  if (env.beaconRoot === undefined) {
    throw problem('post-cancun env requires parentBeaconBlockRoot to be set')
  }
  return { ...env, excessBlobGas: env.excessBlobGas ?? excessBlobGasOf(env, ruleset) }
}

function problem(message: string): ToolError {
  return new ToolError(ToolExitCode.Config, message)
}

function withBaseFee(env: Environment): Environment {
  if (env.baseFee !== undefined) return env
  const { baseFee, gasUsed, gasLimit } = env.parent
  if (baseFee === undefined || env.number === 0n) {
    throw problem("EIP-1559 config but missing 'parentBaseFee' in env section")
  }
  if (gasLimit < 2n) throw problem('the base fee cannot be calculated without parentGasLimit')
  return { ...env, baseFee: nextBaseFee({ baseFeePerGas: baseFee, gasUsed, gasLimit }) }
}

function merged(env: Environment): Environment {
  if (env.random === undefined) {
    throw problem('post-merge requires currentRandom to be defined in env')
  }
  if (env.difficulty !== undefined && env.difficulty !== 0n) {
    throw problem('post-merge difficulty must be zero (or omitted) in env')
  }
  return { ...env, difficulty: undefined }
}

function withDifficulty(env: Environment, { header }: Ruleset): Environment {
  if (env.difficulty !== undefined || header.difficulty === undefined) return env
  const { number, timestamp, parent } = env
  if (parent.difficulty === undefined) {
    throw problem(
      'currentDifficulty was not provided, and cannot be calculated due to missing parentDifficulty',
    )
  }
  if (number === 0n) throw problem('currentDifficulty needs to be provided for block number 0')
  if (timestamp <= parent.timestamp) {
    throw problem(
      `currentDifficulty cannot be calculated -- currentTime (${timestamp}) needs to be after parent ` +
        `time (${parent.timestamp})`,
    )
  }
  const isSaid = !/^0x0*$/.test(parent.ommersHash)
  const difficulty = difficultyOf(header.difficulty, {
    number,
    timestamp,
    parentTimestamp: parent.timestamp,
    parentDifficulty: parent.difficulty,
    parentHasOmmers: isSaid && parent.ommersHash !== emptyOmmersHash,
  })
  return { ...env, difficulty }
}

/** The excess that follows from the parent's; undefined where not all of that is said. */
function excessBlobGasOf({ parent }: Environment, ruleset: Ruleset): bigint | undefined {
  const { excessBlobGas, blobGasUsed, baseFee } = parent
  const { blobSchedule, revision } = ruleset
  if (excessBlobGas === undefined || blobGasUsed === undefined || blobSchedule === undefined) {
    return undefined
  }
  const facts = { excessBlobGas, blobGasUsed, baseFeePerGas: baseFee ?? 0n }
  return nextExcessBlobGas(facts, blobSchedule, revision >= Revision.Osaka)
}
