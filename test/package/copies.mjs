/** Two installed copies of the package in one process. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import * as first from 'braid-evm'
import executeTinyBlock from './tiny-block.cjs'

const second = createRequire(new URL('other/index.js', import.meta.url))('braid-evm')
assert.notEqual(second.Engine, first.Engine)
await Promise.all([executeTinyBlock(first), executeTinyBlock(second)])
await executeTinyBlock(second)
assert.equal(new second.BraidError('CANCELLED').code, 'CANCELLED')
