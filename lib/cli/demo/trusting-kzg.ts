/** What `@ethereumjs/vm` asks for before it takes blob transactions. */

import type { Common } from '@ethereumjs/common'

/**
 * Stands for a KZG library, without which blob transactions are not decoded: every proof is right, at no
 * cost. For blocks whose proofs are known to be right; the receipts root would tell.
 */
export const trustingKzg: NonNullable<Common['customCrypto']['kzg']> = {
  verifyProof: () => true,
  verifyBlobProofBatch: () => true,
  verifyCellKzgProofBatch: () => true,
  blobToKzgCommitment: absent,
  computeBlobProof: absent,
  computeCells: absent,
  computeCellsAndProofs: absent,
  recoverCellsAndProofs: absent,
}

function absent(): never {
  throw new Error('there is no KZG library here')
}
