/**
 * The rooms under mutation, and the test files that look at each: what a mutant there breaks, one of
 * these should notice.
 */
export const rooms = {
  trie: [
    'bad-input-state',
    'receipts-root',
    'state-trie',
    'state-trie-batch',
    'state-trie-blocks',
    'state-trie-parts',
    'state-trie-proof',
    'state-trie-witness',
    'trie',
    'witness',
  ],
  validation: ['bad-input', 'block-fixtures', 'keccak512', 'validation'],
  ethereumjs: ['ethereumjs', 'ethereumjs-options', 'ethereumjs-state'],
  block: [
    'bad-input',
    'block',
    'block-fixtures',
    'block-mutation',
    'block-pack',
    'engine',
    'execute-blocks',
    'rlp',
    'source-state',
  ],
  engine: [
    'arguments',
    'bad-input',
    'cancel',
    'display',
    'engine',
    'execute-blocks',
    'receipts',
    'reorganisation',
    'report',
    'source-state',
    'state',
    'thread-load',
    'witness',
  ],
  state: [
    'bad-input-state',
    'execute-blocks',
    'reorganisation',
    'source-state',
    'state',
    'witness',
  ],
}

/**
 * Single tests that stay out, as patterns of `file: suite › title`: they take seconds, mostly over data
 * that other tests stand for, or run code in threads that mutants do not reach.
 */
export const leftOut = [
  'mainnet_blocks',
  'mainnet block 19923400$',
  'mainnet blocks',
  'worker threads',
  'bad-input: .*(blocks with bytes changed|well-formed RLP of other trees)',
]
