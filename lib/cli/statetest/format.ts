/** The GeneralStateTests format, as its files are on disk. */

import { isRecord } from '../../arguments.js'

/** One file: tests by name. */
export type StateTestFile = Readonly<Record<string, StateTest>>

/** A test: one pre-state, one transaction with variants, the outcome per fork and variant. */
export interface StateTest {
  readonly env: StateTestEnvironment
  readonly pre: Readonly<Record<string, StateTestAccount>>
  readonly transaction: StateTestTransaction
  readonly post: Readonly<Record<string, readonly StateTestPost[]>>
  readonly config?: StateTestConfig
}

/** The block around the transaction. Numbers are hex. */
export interface StateTestEnvironment {
  readonly currentCoinbase: string
  readonly currentDifficulty?: string
  readonly currentGasLimit: string
  readonly currentNumber: string
  readonly currentTimestamp: string
  readonly currentBaseFee?: string
  readonly currentRandom?: string
  readonly currentExcessBlobGas?: string
}

/** An account of the pre-state. */
export interface StateTestAccount {
  readonly balance: string
  readonly nonce: string
  readonly code: string
  readonly storage: Readonly<Record<string, string>>
}

/** The transaction with its variants of data, gas limit and value. */
export interface StateTestTransaction {
  readonly data: readonly string[]
  readonly gasLimit: readonly string[]
  readonly value: readonly string[]
  readonly accessLists?: readonly (readonly StateTestAccess[] | null)[]
  readonly nonce: string
  readonly to: string
  readonly sender?: string
  readonly secretKey?: string
  readonly gasPrice?: string
  readonly maxFeePerGas?: string
  readonly maxPriorityFeePerGas?: string
  readonly maxFeePerBlobGas?: string
  readonly blobVersionedHashes?: readonly string[]
  readonly authorizationList?: readonly StateTestAuthorization[]
}

/** An access list entry. */
export interface StateTestAccess {
  readonly address: string
  readonly storageKeys: readonly string[]
}

/** A signed authorization. */
export interface StateTestAuthorization {
  readonly chainId: string
  readonly address: string
  readonly nonce: string
  readonly v: string
  readonly yParity?: string
  readonly r: string
  readonly s: string
}

/** The expected outcome of one variant. */
export interface StateTestPost {
  readonly hash: string
  readonly logs: string
  readonly indexes: { readonly data: number; readonly gas: number; readonly value: number }
  readonly txbytes?: string
  readonly expectException?: string
}

/** Chain parameters that differ from the forks' own. */
export interface StateTestConfig {
  readonly chainid?: string
  readonly blobSchedule?: Readonly<Record<string, StateTestBlobSchedule>>
}

/** Blob parameters of a fork. */
export interface StateTestBlobSchedule {
  readonly target: string
  readonly max: string
  readonly baseFeeUpdateFraction: string
}

/** Whether an entry of a file is a state test. */
export function isStateTest(value: unknown): value is StateTest {
  if (!isRecord(value)) return false
  const { env, pre, transaction, post } = value
  return (
    [env, pre, transaction].every(isRecord) &&
    isRecord(post) &&
    Object.values(post).every((cases) => Array.isArray(cases))
  )
}
