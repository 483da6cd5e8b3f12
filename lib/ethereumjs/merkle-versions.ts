/**
 * The code that is known: hashes of the text of all methods of a class. Before one is added, what
 * changed in that version has to be compared with what `merkle-state.ts` and `merkle-caches.ts` do in
 * its place. `test/ethereumjs-merkle.test.ts` tells the hash of an installed version that is not known.
 */

/** By the name of the class: 10.1.3, as ESM and as CommonJS. */
export const knownSources = {
  MerkleStateManager: new Set(['346c7ed65331343d', 'aa6d38ee615c6bf2']),
  MerklePatriciaTrie: new Set(['a9dfd254eaf762f3', 'ad74b4acf2294fbb']),
  CheckpointDB: new Set(['be3dd8a7b2c451ce', 'c32cd222a30601de']),
  Caches: new Set(['ea1c252ff76f30fb', 'e2ffddd6e5528fa0']),
  AccountCache: new Set(['6751f2ac6e363f97', '0d9d4e7a58d9b89b']),
  CodeCache: new Set(['dceb0cc588405462', 'c9c796441ea7f0b5']),
  StorageCache: new Set(['59b59d70d9347593', 'ff0f30a04471b3bc']),
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>
