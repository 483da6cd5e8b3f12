/**
 * The rooms under mutation: the folders of lib/, with ethash apart from the rest of its room. `tests`
 * are the test files that look at each: what a mutant there breaks, one of these should notice.
 */
export const rooms = {
  trie: {
    tests: [
      'bad-input-state',
      'receipts-root',
      'state-trie',
      'state-trie-batch',
      'state-trie-blocks',
      'state-trie-changes',
      'state-trie-extensions',
      'state-trie-parts',
      'state-trie-proof',
      'state-trie-witness',
      'trie',
    ],
    alsoLeftOut: ['receipts-root: .*([0-9]{3,} receipts|[0-9]{6,} bytes)'],
  },
  validation: {
    mutate: ['lib/validation/**/*.ts', '!lib/validation/ethash.ts'],
    tests: ['block-fixtures', 'keccak512', 'missing-ommers', 'validation', 'validation-details'],
  },
  ethash: {
    mutate: ['lib/validation/ethash.ts'],
    // Two of them, of different epochs, take turns: the cache that is kept is never the one asked for.
    tests: ['ethash', 'ethash-parts'],
    leftOut: ['test vectors$'],
  },
  ethereumjs: {
    tests: ['chain-parameters', 'ethereumjs', 'ethereumjs-options', 'ethereumjs-state'],
  },
  block: {
    tests: [
      'bad-input',
      'block',
      'block-fields',
      'block-fixtures',
      'block-mutation',
      'block-pack',
      'block-pack-details',
      'block-parts',
      'rlp',
    ],
  },
  engine: {
    tests: [
      'arguments',
      'bad-input',
      'cancel',
      'carried-hashes',
      'chain-link',
      'display',
      'engine',
      'engine-chain',
      'engine-outputs',
      'engine-parts',
      'engine-source',
      'error-surface',
      'execute-blocks',
      'missing-ommers',
      'public-objects',
      'receipts',
      'rejection',
      'reorganisation',
      'report',
      'rpc-receipts',
      'simulation',
      'source-cancel',
      'source-state',
      'state',
      'strict-state',
      'thread-load',
      'unknown-options',
      'witness',
    ],
    alsoLeftOut: [
      'bad-input: .*(header numbers|JSON blocks with values|signatures) ',
      'blocks of a chain get fewer threads',
      'braid execute carries them over',
      'has the root that the tests know',
    ],
  },
  state: {
    tests: [
      'bad-input-state',
      'reorganisation',
      'source-cancel',
      'source-state',
      'state',
      'state-parts',
      'strict-state',
      'witness',
    ],
  },
}

/** What of lib/ a room is. */
export function globsOf(room) {
  return rooms[room].mutate ?? [`lib/${room}/**/*.ts`]
}

/**
 * Single tests that stay out, as patterns of `file: suite › title`: they take seconds, mostly over data
 * that other tests stand for, or run code in threads and processes that mutants do not reach.
 */
export const leftOut = [
  'mainnet_blocks',
  'is the same, however large the parts it is loaded in$',
  'mainnet block [0-9]+$',
  'gives the same in (homestead|tangerineWhistle|petersburg|istanbul|berlin|paris|shanghai|osaka)$',
  'mainnet blocks',
  'takes another branch from',
  'worker threads',
  'a process ends while',
  'bad-input: .*(blocks with bytes changed|well-formed RLP of other trees)',
]
