/**
 * The code that is known: hashes of the text of all methods of a class. Before one is added, what
 * changed in that version has to be compared with what `merkle-source.ts` and `merkle-writer.ts` do in
 * its place.
 */

/** By the name of the class: 10.1.3, as ESM and as CommonJS. */
export const knownSources: Readonly<
  Record<'MerkleStateManager' | 'MerklePatriciaTrie' | 'CheckpointDB', ReadonlySet<string>>
> = {
  MerkleStateManager: new Set(['346c7ed65331343d', 'aa6d38ee615c6bf2']),
  MerklePatriciaTrie: new Set(['a9dfd254eaf762f3', 'ad74b4acf2294fbb']),
  CheckpointDB: new Set(['be3dd8a7b2c451ce', 'c32cd222a30601de']),
}
