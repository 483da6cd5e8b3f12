/** Signed transactions of many senders for a pool, and the chain they are for. */

import { RLP } from '@ethereumjs/rlp'
import { Chain, type Engine, encodeBlock, MemoryState } from 'braid-evm'
import { decodeBlock } from '../../lib/block/index.js'
import { keccak256 } from '../../lib/native/load.js'
import { addressesOf, type Sender, sendersOf } from '../../lib/workloads/cast.js'
import { QuickSigner } from '../../lib/workloads/signatures.js'

const gwei = 1_000_000_000n
const zeros = (bytes: number): `0x${string}` => `0x${'00'.repeat(bytes)}`
const emptyRoot = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'
const emptyList = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'

/** A chain of mainnet's rules under Cancun, which needs no system contracts, whose head is half full, and in whose state the senders are rich. */
export async function richChain(engine: Engine, senders: readonly Sender[]): Promise<Chain> {
  const alloc = Object.fromEntries(senders.map(({ address }) => [address, { balance: 10n ** 21n }]))
  const state = new MemoryState(alloc, { trie: true, history: 4 })
  const { header } = decodeBlock(
    encodeBlock({
      parentHash: zeros(32),
      sha3Uncles: emptyList,
      miner: zeros(20),
      stateRoot: state.root ?? zeros(32),
      transactionsRoot: emptyRoot,
      receiptsRoot: emptyRoot,
      logsBloom: zeros(256),
      difficulty: 0n,
      number: 19_800_000n,
      gasLimit: 36_000_000n,
      gasUsed: 18_000_000n,
      timestamp: 1_715_000_000n,
      extraData: '0x',
      mixHash: zeros(32),
      nonce: zeros(8),
      baseFeePerGas: gwei,
      withdrawalsRoot: emptyRoot,
      blobGasUsed: 0n,
      excessBlobGas: 0n,
      parentBeaconBlockRoot: zeros(32),
      transactions: [],
      uncles: [],
      withdrawals: [],
    }),
  )
  return Chain.open({ engine, state, head: header })
}

/** So many transactions of so many senders, in turns: of types 0, 1, 2 and 4, with data and without. */
export function manyTransactions(count: number, senderCount: number) {
  const senders = sendersOf('pool', senderCount, 1)
  const recipients = addressesOf('recipient', 1000, 1)
  const signer = new QuickSigner()
  const transactions: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    const sender = senders[i % senderCount]
    const nonce = Math.floor(i / senderCount)
    const tip = gwei + BigInt((i * 7919) % 100_000)
    const to = recipients[i % recipients.length]
    transactions.push(signed(signer, sender, { kind: i % 10, nonce, tip, to }))
  }
  return { senders, transactions }
}

interface Draft {
  readonly kind: number
  readonly nonce: number
  readonly tip: bigint
  readonly to: string
}

function signed(signer: QuickSigner, sender: Sender, { kind, nonce, tip, to }: Draft): Uint8Array {
  const highest = 100n * gwei
  const data = kind % 3 === 0 ? `0xa9059cbb${'11'.repeat(64)}` : '0x'
  const sign = (payload: Uint8Array) => {
    const { yParity, r, s } = signer.sign(keccak256(payload), sender.secretKey)
    return [yParity, r, s] as const
  }
  if (kind === 0) {
    const fields = [nonce, highest, 60_000, to, 1n, data]
    const [yParity, r, s] = sign(RLP.encode([...fields, 1, 0, 0]))
    return RLP.encode([...fields, 37 + yParity, r, s])
  }
  const list = kind === 1 ? [[to, []]] : []
  const prices = kind === 1 ? [highest] : [tip, highest]
  const fields = [1, nonce, ...prices, 60_000, to, 1n, data, list]
  const type = Uint8Array.of(kind === 1 ? 1 : 2)
  const signature = sign(Buffer.concat([type, RLP.encode(fields)]))
  return new Uint8Array(Buffer.concat([type, RLP.encode([...fields, ...signature])]))
}
