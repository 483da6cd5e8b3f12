const assert = require('node:assert/strict')
const braid = require('braid-evm')
const { runBlock } = require('braid-evm/ethereumjs')
const executeTinyBlock = require('./tiny-block.cjs')

async function main() {
  assert.equal(typeof runBlock, 'function')
  await executeTinyBlock(braid)
  // One copy, whichever way it comes: errors and states of the one are those of the other.
  const imported = await import('braid-evm')
  assert.equal(imported.Engine, braid.Engine)
  assert.equal(imported.BraidError, braid.BraidError)
}

main()
