/**
 * `traceCall` beside `debug_traceCall` of a geth of this machine: the same answers, members in the same
 * order, for contracts of all kinds, under every tracer.
 *
 *   node build/test/geth/trace-call.live.js GETH
 */

import * as assert from 'uvu/assert'
import {
  type CallRequest,
  Engine,
  type Hex,
  type JsonRpcClient,
  MemoryState,
  type TracerConfigs,
  type TracerName,
} from '../../lib/index.js'
import { callAlloc, contracts, dataOf, poor, rich } from '../support/call-contracts.js'
import { systemContracts } from '../support/chain-generator/system-contracts.js'
import { GethNode, gethCommon, gethGenesis } from '../support/geth-node.js'

const quantity = (value: bigint | number | undefined): Hex => `0x${(value ?? 0).toString(16)}`

const alloc = Object.fromEntries(
  Object.entries({ ...systemContracts, ...callAlloc }).map(([address, account]) => {
    const { balance, nonce, code = '0x', storage = {} } = account as (typeof callAlloc)[string]
    const slots = Object.entries(storage).map(([slot, value]) => [
      `0x${slot.slice(2).padStart(64, '0')}`,
      value,
    ])
    const numbers = { balance: quantity(BigInt(balance ?? 0)), nonce: quantity(BigInt(nonce ?? 0)) }
    return [address, { ...numbers, code, storage: Object.fromEntries(slots) }]
  }),
)
const genesis = { ...gethGenesis(1337), alloc }

/** Tracers with options; geth has no name for its default one. */
const asked: readonly (readonly [TracerName, TracerConfigs[TracerName]])[] = [
  ['callTracer', {}],
  ['callTracer', { withLog: true }],
  ['callTracer', { onlyTopCall: true }],
  ['flatCallTracer', {}],
  ['flatCallTracer', { convertParityErrors: true, includePrecompiles: true }],
  ['prestateTracer', {}],
  ['prestateTracer', { diffMode: true }],
  ['prestateTracer', { disableCode: true, disableStorage: true, includeEmpty: true }],
  ['4byteTracer', {}],
  ['keccak256PreimageTracer', {}],
  ['noopTracer', {}],
  ['erc7562Tracer', {}],
  ['erc7562Tracer', { withLog: true, ignoredOpcodes: ['0x60', '0x50'] }],
  ['muxTracer', { callTracer: {}, '4byteTracer': {} }],
  ['structLogs', {}],
  ['structLogs', { enableMemory: true, enableReturnData: true }],
  ['structLogs', { disableStack: true, disableStorage: true, limit: 700 }],
]

const data = dataOf(BigInt(rich), 3n)
const requests: readonly CallRequest[] = [
  ...Object.values(contracts).flatMap(({ address, code }): CallRequest[] => [
    { to: address, data, gas: quantity(90_000) },
    { from: rich, to: address, data, value: '0x7', gas: quantity(300_000), gasPrice: '0x3b9aca00' },
    { from: address, data: code as Hex, gas: quantity(200_000) },
  ]),
  { from: rich, to: poor, value: '0x1' },
  { from: rich, to: '0x0000000000000000000000000000000000000002', data },
  { from: rich, to: '0x0000000000000000000000000000000000000001', gas: quantity(21_500) },
]

const [, , geth] = process.argv
await using node = await GethNode.start(geth, genesis)
await using engine = await Engine.create({ common: gethCommon(genesis) })
// The node goes on making blocks.
const environment = await environmentOf(node.client)
const state = new MemoryState(alloc as never)
let count = 0
for (const request of requests) {
  for (const [tracer, config] of asked) {
    // A loop without end fills pages with instructions.
    if (request.to === contracts.endless.address && tracer === 'structLogs') continue
    const place = `${JSON.stringify(request)} ${tracer} ${JSON.stringify(config)}`
    const expected = await answerOf(node.client, request, tracer, config)
    const options = { state, environment, tracer, config } as const
    const actual = await engine.traceCall(request, options).then(
      ({ json }) => JSON.stringify(JSON.parse(json)),
      ({ code }) => code,
    )
    assert.is(actual, expected, place)
    count++
  }
}
console.log(`geth: ${count} calls traced: all as the node has them`)

async function environmentOf(client: JsonRpcClient) {
  const headerOf = async (name: string) => {
    const params = [name, false]
    return (await client.request({ method: 'eth_getBlockByNumber', params })) as Record<string, Hex>
  }
  const header = await headerOf('latest')
  const blockHashes: Record<string, Hex> = {}
  for (let number = 0; number < Number(header.number); number++) {
    blockHashes[number] = (await headerOf(quantity(number))).hash
  }
  return {
    blockHashes,
    number: BigInt(header.number),
    timestamp: BigInt(header.timestamp),
    gasLimit: BigInt(header.gasLimit),
    coinbase: header.miner,
    baseFee: BigInt(header.baseFeePerGas),
    prevRandao: header.mixHash,
    excessBlobGas: BigInt(header.excessBlobGas ?? 0),
  }
}

/** What the node answers, or the code of the error here that its message stands for. */
async function answerOf(
  client: JsonRpcClient,
  request: CallRequest,
  tracer: TracerName,
  config: object,
): Promise<string> {
  const options = tracer === 'structLogs' ? config : { tracer, tracerConfig: config }
  const params = [request, quantity(environment.number), options]
  try {
    return JSON.stringify(await client.request({ method: 'debug_traceCall', params }))
  } catch (error) {
    const { message } = error as Error
    if (/insufficient funds/.test(message)) return 'TX_INSUFFICIENT_FUNDS'
    if (/intrinsic gas too low/.test(message)) return 'TX_INTRINSIC_GAS_TOO_LOW'
    return message
  }
}
