/** Two installed copies of the package in one process. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import * as first from 'braid-evm'
import executeTinyBlock from './tiny-block.cjs'

const second = createRequire(new URL('other/index.js', import.meta.url))('braid-evm')
assert.notEqual(second.Engine, first.Engine)
await Promise.all([executeTinyBlock(first), executeTinyBlock(second)])
await executeTinyBlock(second)

const error = new second.BraidError('CANCELLED')
assert.equal(error.code, 'CANCELLED')
assert.ok(!(error instanceof first.BraidError))
assert.ok(first.isBraidError(error, 'CANCELLED'))
assert.ok(second.isBraidError(new first.BraidError('CANCELLED'), 'CANCELLED'))
