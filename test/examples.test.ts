import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Request, stateAfter } from '../examples/source-state-rpc.mjs'
import { alloc, makeChain } from '../examples/support/chain.mjs'
import { Engine, MemoryState } from '../lib/index.js'
import { root } from './fixtures.js'

const examples = suite('examples')

/** Programs, and what they print. */
const programs: Readonly<Record<string, readonly RegExp[]>> = {
  'execute-block': [
    /^block 20000000 of cancun: 100218 gas$/m,
    /^transaction 2: success, 33398 gas, 1 log$/m,
    /^0x(fe){20}: 100218000000000 wei, 0 slots$/m, // a gwei of each gas
    /^tokens before: 1000\ntokens after: 1002$/m,
    /^state root as in the header$/m,
    /^TX_NONCE_TOO_LOW: /m,
  ],
  'index-logs': [
    /^20000000 #2: 0x[0-9a-f]{40} sends 12$/m,
    /^0x5d5c99edf529335160ff180fa141dd4967fc00d2 sent 80 tokens$/m, // 10 + 30 + 40
    /^0x75e0de31eca89159a26b09cc3b5ef4736a4f8969 sent 104 tokens$/m, // 11 + 21 + 31 + 41
    /^0x3c524fd949d601790ac741dfb5b07414f3dacf1d sent 108 tokens$/m, // 12 + 22 + 32 + 42
    /"blockNumber": "0x1312d00"/,
  ],
  'simulate-bundle': [
    /^Alice first: success \(\d+ gas\), success \(\d+ gas\)$/m,
    /^Bob first: reverted \(\d+ gas\), success \(\d+ gas\)$/m,
    /^Carol has 2500 tokens in the fork, 1000 outside$/m,
  ],
  'trace-server': [
    /^block 20000000: 3 calls, the first from 0x[0-9a-f]{40}$/m,
    /^its first transaction changes 3 accounts\nand takes 31 instructions$/m,
    /^0x[0-9a-f]{40} has called the token 4 times in four blocks$/m,
    /^an empty call: succeeds$/m,
  ],
  'custom-policy': [/^(2000000\d: chain-hot-contracts, workers: \d, right\n){4}$/],
  'ethereumjs-run-block': [/^2 receipts, \d+ gas, root 0x[0-9a-f]{64}$/m, /^slot 0 is 0x0?8$/m],
}

/** Modules without a program: the first is part of `custom-policy`, the second is tested below. */
const modules = ['chain-hot-contracts', 'source-state-rpc']

examples('are all run', () => {
  const names = readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => name.slice(0, -4))
  assert.equal(names.sort(), [...Object.keys(programs), ...modules].sort())
})

for (const [name, lines] of Object.entries(programs)) {
  examples(`${name} prints what it should`, async () => {
    // As the documentation has it: `node examples/execute-block.mjs` in a clone.
    const child = spawn(process.execPath, [`examples/${name}.mjs`], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let complaints = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaints += text
    })
    const [code] = await once(child, 'close')
    assert.is(complaints, '')
    assert.is(code, 0)
    for (const line of lines) assert.match(output, line)
  })
}

examples('source-state-rpc asks a node for what a block reads', async () => {
  const [block] = await makeChain(1)
  const engine = await Engine.create()
  const known = new MemoryState(alloc)
  const asked = new Set<string>()
  const node: Request = async (method, [first, second, at]) => {
    asked.add(`${method} ${at}`)
    const account = known.getAccount(first as string)
    switch (method) {
      case 'eth_getProof': {
        const { nonce = 0n, balance = 0n, codeHash = `0x${'00'.repeat(32)}` } = account ?? {}
        const [hexNonce, hexBalance] = [nonce, balance].map((value) => `0x${value.toString(16)}`)
        return { nonce: hexNonce, balance: hexBalance, codeHash, storageHash: undefined }
      }
      case 'eth_getStorageAt':
        return known.getStorage(first as string, second as string)
      case 'eth_getCode':
        asked.add(`${method} ${second}`)
        return known.getCode(first as string)
      default:
        throw new Error(`the block does not need ${method}`)
    }
  }
  const state = stateAfter(node, 19_999_999n)
  const result = await engine.executeBlock(block, { state })
  assert.equal(result.verify(), [])
  assert.ok(asked.has('eth_getProof 0x1312cff') && asked.has('eth_getStorageAt 0x1312cff'))
  assert.ok(asked.has('eth_getCode 0x1312cff'))
  engine.close()
})

examples.run()
