/** Calls one after another, as `flatCallTracer` shows them. */

import type { Hex } from '../hex/index.js'

/** What a {@link FlatCall} does. */
export interface FlatCallAction {
  /** Of a call: by which instruction. */
  readonly callType?: 'call' | 'callcode' | 'delegatecall' | 'staticcall'
  /** Of a creation: by which instruction. */
  readonly creationMethod?: 'create' | 'create2'
  /** Who calls or creates. */
  readonly from?: Hex
  /** Who is called. */
  readonly to?: Hex
  /** What it was given. */
  readonly gas?: Hex
  /** In wei. */
  readonly value?: Hex
  /** The data of a call. */
  readonly input?: Hex
  /** The init code of a creation. */
  readonly init?: Hex
  /** Of a self-destruction: the contract. */
  readonly address?: Hex
  /** Of a self-destruction: what it had, in wei. */
  readonly balance?: Hex
  /** Of a self-destruction: who gets that. */
  readonly refundAddress?: Hex
}

/** What a {@link FlatCall} led to. */
export interface FlatCallResult {
  /** The gas that it used. */
  readonly gasUsed: Hex
  /** What a call returned. */
  readonly output?: Hex
  /** The new contract. */
  readonly address?: Hex
  /** The code of the new contract. */
  readonly code?: Hex
}

/** A call, a creation or a self-destruction, as `flatCallTracer` shows it. */
export interface FlatCall {
  /** What is done. */
  readonly type: 'call' | 'create' | 'suicide'
  /** What is done, in full. */
  readonly action: FlatCallAction
  /** What came of it. Absent where it failed otherwise than by REVERT. */
  readonly result?: FlatCallResult
  /** Why it failed. */
  readonly error?: string
  /** How many of the others it made itself. */
  readonly subtraces: number
  /** Its place in the tree: its number among those that its parent made, after that of its parent, and so on. */
  readonly traceAddress: readonly number[]
  /** The block's hash. */
  readonly blockHash: Hex | null
  /** The block's number. */
  readonly blockNumber: number
  /** The transaction's hash. */
  readonly transactionHash: Hex | null
  /** The transaction's place in the block. */
  readonly transactionPosition: number
}
