import {
  type BlockResult,
  BraidError,
  Engine,
  type Log,
  MemoryState,
  type Receipt,
} from 'braid-evm'
import { runBlock } from 'braid-evm/ethereumjs'

export async function logsOf(block: Uint8Array): Promise<readonly Log[]> {
  const engine = await Engine.create()
  const state = new MemoryState({ '0x00000000000000000000000000000000000000aa': { balance: 1n } })
  const result: BlockResult = await engine.executeBlock(block, { state })
  const receipts: Iterable<Receipt> = result.receipts
  for (const receipt of receipts) console.log(receipt.gasUsed + 1n)
  // @ts-expect-error gas is a bigint: what is imported is typed, not any
  const gas: string = result.gasUsed
  if (gas === '') throw new BraidError('CANCELLED')
  return [...result.logs]
}

export const execute: typeof runBlock = runBlock

type OtherEngine = import('braid-evm', { with: { 'resolution-mode': 'import' }}).Engine

/** A class is one type, whichever way it comes. */
export const same = (engine: OtherEngine, error: unknown): Engine | undefined =>
  error instanceof BraidError ? engine : undefined
