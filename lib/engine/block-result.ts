/** The outcome of executing a block, and its comparison with the block's header. */

import type { DecodedBlock } from '../block/index.js'
import type { Hex } from '../block/types.js'
import { Revision, type Ruleset } from '../chain/index.js'
import { type BraidError, errorFor } from '../errors.js'
import { receiptsRoot } from '../receipts/encoding.js'
import type { ReceiptContext } from '../receipts/receipt.js'
import { ExecutionResult, type Timings } from './execution-result.js'
import { type Request, readRequests, requestsHash } from './requests.js'

/** A field of the header that is not what the block gives. */
export interface HeaderDifference {
  /** The name of the field. */
  readonly field: HeaderCheck
  /** What decoding or executing the block gives; undefined where the field must be absent. */
  readonly expected: Hex | bigint | undefined
  /** What the header says; undefined where it lacks the field. */
  readonly actual: Hex | bigint | undefined
}

/** The header fields that are checked, in this order. */
export type HeaderCheck =
  | 'hash'
  | 'transactionsRoot'
  | 'ommersHash'
  | 'withdrawalsRoot'
  | 'gasUsed'
  | 'blobGasUsed'
  | 'logsBloom'
  | 'receiptsRoot'
  | 'requestsHash'
