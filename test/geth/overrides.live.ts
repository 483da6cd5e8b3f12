/**
 * Overrides as a geth of this machine takes them in `eth_call`: what calls return under them, and which are
 * refused.
 *
 *   node build/test/geth/overrides.live.js GETH
 */

import * as assert from 'uvu/assert'
import {
  Engine,
  type Hex,
  isBraidError,
  type JsonRpcClient,
  RpcState,
  type StateOverrides,
} from '../../lib/index.js'
import { systemContracts } from '../support/chain-generator/system-contracts.js'
import { GethNode, gethCommon, gethGenesis } from '../support/geth-node.js'

const address = (number: number): Hex => `0x${number.toString(16).padStart(40, '0')}`

const [recover, sha256, identity, p256] = [1, 2, 4, 0x100].map(address)
const [elsewhere, further, funded] = [0xaaaa, 0xbbbb, 0xcccc].map(address)
const caller = address(0xeeee)
const meter = address(0xeeef)
const seven = '0x60075f5260205ff3'

const alloc: Record<string, object> = {
  ...systemContracts,
  [funded]: { balance: '0x10' },
  // STATICCALLs the address in its data with the second word of them; returns what that returned.
  [caller]: {
    balance: '0x0',
    nonce: '0x1',
    code: '0x602060205f375f5f60205f5f355afa503d5f5f3e3d5ff3',
  },
  // Returns how much gas asking for the balance of the address in its data takes, and 9 more.
  [meter]: { balance: '0x0', nonce: '0x1', code: '0x5a5f3531505a90035f5260205ff3' },
}
const genesis = {
  ...gethGenesis(1337),
  alloc: Object.fromEntries(
    Object.entries(alloc).map(([at, account]) => [
      at,
      { balance: '0x0', nonce: '0x0', ...account },
    ]),
  ),
}

const given: readonly StateOverrides[] = [
  {},
  { [identity]: { movePrecompileTo: elsewhere } },
  { [identity]: { movePrecompileTo: elsewhere, code: seven, balance: '0x7' } },
  { [identity]: { movePrecompileTo: funded } },
  { [identity]: { movePrecompileTo: sha256 } },
  { [identity]: { movePrecompileTo: caller } },
  { [identity]: { movePrecompileTo: elsewhere }, [sha256]: { movePrecompileTo: elsewhere } },
  { [sha256]: { movePrecompileTo: elsewhere }, [identity]: { movePrecompileTo: elsewhere } },
  { [p256]: { movePrecompileTo: elsewhere }, [recover]: { movePrecompileTo: further } },
  { [identity]: { code: seven } },
  { [identity]: { balance: '0x7' } },
  { [identity]: {} },
  { [elsewhere]: { code: seven, stateDiff: { [`0x${'00'.repeat(32)}`]: `0x${'01'.repeat(32)}` } } },
  // Refused.
  { [further]: { movePrecompileTo: elsewhere } },
  { [identity]: { movePrecompileTo: identity } },
  { [identity]: { movePrecompileTo: elsewhere }, [elsewhere]: { balance: '0x7' } },
  { [elsewhere]: { movePrecompileTo: further }, [identity]: { movePrecompileTo: elsewhere } },
]

const refusals: readonly (readonly [RegExp, string])[] = [
  [/is not a precompile/, 'STATE_NOT_PRECOMPILE'],
  [/already overridden/, 'STATE_MALFORMED'],
]

const [, , geth] = process.argv
await using node = await GethNode.start(geth, genesis)
await using engine = await Engine.create({ common: gethCommon(genesis) })
let count = 0
for (const overrides of given) {
  for (const called of [recover, sha256, identity, p256, elsewhere, further, funded]) {
    const word = `0x${called.slice(2).padStart(64, '0')}`
    for (const [to, data] of [
      [called, `0x${'1b'.repeat(128)}`],
      [caller, `${word}${'1c'.repeat(32)}`],
      [meter, word],
    ]) {
      const expected = await answerOf(node.client, { to, data }, overrides)
      assert.is(await resultOf({ to, data }, overrides), expected, `${to} ${called}`)
      count++
    }
  }
}
console.log(`geth: ${count} calls under ${given.length} overrides: all as the node has them`)

interface Call {
  readonly to: string
  readonly data: string
}

/** What the node returns, or the code of the error here that its message stands for. */
async function answerOf(client: JsonRpcClient, call: Call, overrides: StateOverrides) {
  const named = Object.entries(overrides).map(([at, { movePrecompileTo, ...rest }]) => [
    at,
    { ...rest, ...(movePrecompileTo && { movePrecompileToAddress: movePrecompileTo }) },
  ])
  const params = [{ ...call, gas: '0x100000' }, 'latest', Object.fromEntries(named)]
  try {
    return await client.request({ method: 'eth_call', params })
  } catch (error) {
    const { message } = error as Error
    return refusals.find(([pattern]) => pattern.test(message))?.[1] ?? message
  }
}

async function resultOf({ to, data }: Call, overrides: StateOverrides) {
  const state = new RpcState({ client: node.client, block: 0 })
  const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: address(0) }
  const sender = address(0xdddd)
  const gasLimit = 0x100000n
  try {
    const transaction = { sender, to, data, gasLimit, gasPrice: 0n, nonce: 0n }
    const { receipts } = await engine.executeTransactions(environment, [transaction], {
      state: state.override(overrides),
    })
    return receipts[0]?.output
  } catch (error) {
    if (isBraidError(error)) return error.code
    throw error
  }
}
