/** Blobs that travel with a transaction and are in no block (EIP-4844, EIP-7594). */

import { bytesToHex, type Hex } from '../hex/index.js'
import { sha256 } from '../native/load.js'
import { headerSize, listBase, writeHeader } from '../rlp/header.js'
import { RlpReader } from '../rlp/reader.js'
import { refusal } from './refusal.js'

/** What checks blobs against their commitments: what `@ethereumjs/common` calls `customCrypto.kzg`. */
export interface BlobChecker {
  /** The cells of a blob (EIP-7594). */
  computeCells(blob: string): string[]
  /** Whether cells are those of commitments. */
  verifyCellKzgProofBatch(
    commitments: string[],
    indices: number[],
    cells: string[],
    proofs: string[],
  ): boolean
}

/** A transaction as it travels, taken apart. */
export interface TravellingTransaction {
  /** As it is in a block. */
  readonly encoded: Uint8Array
  /** Behind the transaction in the outer list: version, blobs, commitments, proofs. */
  readonly sidecar: Uint8Array | undefined
}

/** The type of transactions with blobs. */
const blobType = 3
/** The version of sidecars with proofs of cells (EIP-7594). */
const cellProofVersion = 1
const blobSize = 131_072
const commitmentSize = 48
const proofSize = 48
/** CELLS_PER_EXT_BLOB. */
const cellsOfBlob = 128

/**
 * Takes a transaction apart: one with blobs travels as a list of the transaction, a version, blobs, commitments
 * and proofs behind its type.
 *
 * @throws BlockDecodeError where it is no RLP
 */
export function takeApart(travelling: Uint8Array): TravellingTransaction {
  if (travelling[0] !== blobType) return { encoded: travelling, sidecar: undefined }
  const reader = new RlpReader(travelling, 1)
  const end = reader.enter('transaction')
  const start = reader.position
  reader.next('transaction')
  if (!reader.isList) return { encoded: travelling, sidecar: undefined }
  const body = travelling.subarray(start, reader.end)
  reader.position = reader.end
  const sidecar = travelling.slice(reader.end, reader.limit)
  reader.position = reader.limit
  reader.leave('transaction', end)
  const encoded = new Uint8Array(1 + body.length)
  encoded[0] = blobType
  encoded.set(body, 1)
  return { encoded, sidecar }
}

/**
 * Checks that a sidecar holds the blobs of these hashes.
 *
 * @throws PoolError `POOL_SIDECAR_INVALID`, `POOL_BLOBS_UNSUPPORTED` without somebody to check proofs
 */
export function checkSidecar(
  sidecar: Uint8Array,
  hashes: readonly Hex[],
  checker: BlobChecker | undefined,
): void {
  const { blobs, commitments, proofs } = parts(sidecar)
  const { length } = hashes
  demandCount('blobs', length, blobs.length)
  demandCount('commitments', length, commitments.length)
  demandCount('cellProofs', length * cellsOfBlob, proofs.length)
  for (const [i, hash] of hashes.entries()) {
    const actual = versionedHash(commitments[i])
    if (actual !== hash) {
      throw refusal('POOL_SIDECAR_INVALID', { field: `commitments[${i}]`, expected: hash, actual })
    }
  }
  if (checker?.computeCells === undefined) throw refusal('POOL_BLOBS_UNSUPPORTED')
  const repeated = commitments.flatMap((each) => Array(cellsOfBlob).fill(bytesToHex(each)))
  const indices = hashes.flatMap(() => Array.from({ length: cellsOfBlob }, (_, i) => i))
  const isValid = attempt(() => {
    const cells = blobs.flatMap((blob) => checker.computeCells(bytesToHex(blob)))
    return checker.verifyCellKzgProofBatch(repeated, indices, cells, proofs.map(bytesToHex))
  })
  if (!isValid) throw refusal('POOL_SIDECAR_INVALID', { field: 'cellProofs' })
}

/** A library may throw for what is no point of the curve. */
function attempt(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}

function demandCount(field: string, expected: number, actual: number): void {
  if (actual !== expected) throw refusal('POOL_SIDECAR_INVALID', { field, expected, actual })
}

/** The hash that a transaction names a commitment by. */
function versionedHash(commitment: Uint8Array): Hex {
  const hash = sha256(commitment)
  hash[0] = 1
  return bytesToHex(hash)
}

function parts(sidecar: Uint8Array) {
  const reader = new RlpReader(sidecar)
  try {
    reader.uint64('version')
    if (reader.high !== 0 || reader.low !== cellProofVersion) {
      throw refusal('POOL_SIDECAR_INVALID', {
        field: 'version',
        expected: cellProofVersion,
        actual: reader.low,
      })
    }
    const blobs = list(reader, 'blobs', blobSize)
    const commitments = list(reader, 'commitments', commitmentSize)
    const proofs = list(reader, 'cellProofs', proofSize)
    if (!reader.done) throw refusal('POOL_SIDECAR_INVALID', { field: 'sidecar' })
    return { blobs, commitments, proofs }
  } catch (cause) {
    throw refusal('POOL_SIDECAR_INVALID', {}, cause)
  }
}

function list(reader: RlpReader, field: string, size: number): Uint8Array[] {
  const items: Uint8Array[] = []
  const outer = reader.enter(field)
  while (!reader.done) {
    reader.sized(field, size)
    items.push(reader.bytes.subarray(reader.start, reader.end))
  }
  reader.leave(field, outer)
  return items
}

/** Puts a transaction with blobs together again, as it travels. */
export function putTogether({ encoded, sidecar }: TravellingTransaction): Uint8Array {
  if (sidecar === undefined) return encoded
  const size = encoded.length - 1 + sidecar.length
  const travelling = new Uint8Array(1 + headerSize(size) + size)
  travelling[0] = blobType
  const at = writeHeader(travelling, 1, size, listBase)
  travelling.set(encoded.subarray(1), at)
  travelling.set(sidecar, at + encoded.length - 1)
  return travelling
}
