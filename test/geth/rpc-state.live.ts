/**
 * `RpcState` on a geth of this machine: it makes blocks of transfers, contract calls, creations and
 * delegations, and every block executed on the state of its parent must give the node's receipts.
 *
 *   node build/test/geth/rpc-state.live.js GETH
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { privateKeyToAccount } from 'viem/accounts'
import { Engine, type Hex, type JsonRpcClient, type RpcBlock, RpcState } from '../../lib/index.js'
import { systemContracts } from '../support/chain-generator/system-contracts.js'
import { GethNode, gethCommon, gethGenesis } from '../support/geth-node.js'

const chainId = 1337
const counter = '0x00000000000000000000000000000000000c0de0'
/**
 * Adds one to the slot that the call names, stores the hash of the block before the last one, logs, and
 * reads the slot that the slot's value names.
 */
const counterCode = '0x5f358054600101905560024303404355' + '5f5fa05f3554545000'
const keys = [1, 2, 3, 4, 5].map((i): Hex => `0x${String(i).padStart(64, '0')}`)
const accounts = keys.map((key) => privateKeyToAccount(key))
/** Delegates, and sends nothing: geth's pool takes one transaction of such an account at a time. */
const authority = privateKeyToAccount(`0x${'6'.padStart(64, '0')}`)

const genesis = {
  ...gethGenesis(chainId),
  alloc: {
    ...Object.fromEntries(
      Object.entries(systemContracts).map(([address, { code }]) => [
        address,
        { balance: '0x0', nonce: '0x1', code },
      ]),
    ),
    [counter]: { balance: '0x0', nonce: '0x1', code: counterCode },
    ...Object.fromEntries(
      accounts.map(({ address }) => [
        address.toLowerCase(),
        { balance: `0x${(10n ** 20n).toString(16)}` },
      ]),
    ),
  },
}

const [, , geth] = process.argv
{
  await using node = await GethNode.start(geth, genesis)
  await check(node.client)
}

/** What is compared of a receipt. */
interface NodeReceipt {
  readonly transactionHash: Hex
  readonly gasUsed: Hex
  readonly status: Hex
  readonly logs: readonly unknown[]
}

async function check(node: JsonRpcClient): Promise<void> {
  const ask = <Result>(method: string, ...params: unknown[]) =>
    node.request({ method, params }) as Promise<Result>
  const hashes = await sendAll(ask)
  const last = await lastBlockOf(hashes, ask)
  const engine = await Engine.create({ common: gethCommon(genesis) })
  const answers = mkdtempSync(join(tmpdir(), 'braid-answers-'))
  const ways = [{}, { trace: false }, { trace: false, accessLists: false }, { verify: true }]
  let transactions = 0
  for (let number = 1n; number <= last; number++) {
    const name = `0x${number.toString(16)}`
    const block = await ask<RpcBlock & { parentHash: Hex }>('eth_getBlockByNumber', name, true)
    const receipts = await ask<NodeReceipt[]>('eth_getBlockReceipts', name)
    transactions += receipts.length
    for (const way of ways) {
      // The second time answers come from the folder.
      for (const [parent, cache] of [
        [number - 1n],
        [block.parentHash],
        [block.parentHash, answers],
        [number - 1n, answers],
        [block.parentHash, answers],
      ] as const) {
        await using state = new RpcState({ client: node, block: parent, cache, ...way })
        const result = await engine.executeBlock(block, { state })
        assert.equal(
          result.receipts.map(({ gasUsed, status, logs }) => [gasUsed, status, logs.length]),
          receipts.map(({ gasUsed, status, logs }) => [
            BigInt(gasUsed),
            status === '0x1' ? 'success' : 'reverted',
            logs.length,
          ]),
        )
      }
    }
  }
  // Blocks one after another on one state, which moves on by itself.
  const state = new RpcState({ client: node, block: 0 })
  for (let number = 1n; number <= last; number++) {
    const block = await ask<RpcBlock>('eth_getBlockByNumber', `0x${number.toString(16)}`, true)
    const ancestors: Record<string, Hex> = {}
    state.commit(await engine.executeBlock(block, { state, blockHashes: ancestors }))
  }
  engine.close()
  rmSync(answers, { recursive: true })
  assert.ok(transactions >= hashes.length)
  console.log(
    `geth: ${last} blocks with ${transactions} transactions, each in ${ways.length} ways on 2 names of its parent, with a cache and without, and one after another: all as the node has them`,
  )
}

type Ask = <Result>(method: string, ...params: unknown[]) => Promise<Result>

/** Sends transactions of several kinds, in waves that fall into several blocks. */
async function sendAll(ask: Ask): Promise<Hex[]> {
  const hashes: Hex[] = []
  const nonces = accounts.map(() => 0)
  const send = async (from: number, fields: object): Promise<void> => {
    const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n }
    const given = { chainId, gas: 500_000n, ...fees, nonce: nonces[from]++, ...fields }
    const raw = await accounts[from].signTransaction(given as never)
    hashes.push(await ask<Hex>('eth_sendRawTransaction', raw))
  }
  const word = (value: number): Hex => `0x${value.toString(16).padStart(64, '0')}`
  for (let wave = 0; wave < 4; wave++) {
    for (const [i, { address }] of accounts.entries()) {
      await send(i, { to: accounts[(i + 1) % 5].address, value: 1000n })
      await send(i, { to: `0x${String(wave * 10 + i).padStart(40, '7')}`, value: 1n })
      await send(i, { to: counter, data: word(i % 2) })
      await send(i, { to: address, data: word(wave) })
      // A contract whose code is that of the counter.
      await send(i, {
        data: `0x60${(counterCode.length / 2 - 1).toString(16)}80600b6000396000f3${counterCode.slice(2)}`,
      })
    }
    const authorization = await authority.signAuthorization({
      address: counter,
      chainId,
      nonce: wave,
    })
    await send(1, { to: authority.address, data: word(3), authorizationList: [authorization] })
    await wait(1500)
  }
  return hashes
}

/** The number of the block with the last of some transactions. */
async function lastBlockOf(hashes: readonly Hex[], ask: Ask): Promise<bigint> {
  let last = 0n
  for (const hash of hashes) {
    for (let i = 0; ; i++) {
      const receipt = await ask<{ blockNumber: Hex } | null>('eth_getTransactionReceipt', hash)
      if (receipt !== null) {
        last = BigInt(receipt.blockNumber) > last ? BigInt(receipt.blockNumber) : last
        break
      }
      if (i === 40) throw new Error(`geth does not take ${hash} into a block`)
      await wait(250)
    }
  }
  return last
}
