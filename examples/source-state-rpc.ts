/** A state that a node knows: see docs/sources.md. */

import { type Hex, type SourceAccount, SourceState, type StateSource } from 'braid-evm'

/** Calls a JSON-RPC method of a node. */
export type Request = (method: string, params: readonly unknown[]) => Promise<unknown>

/** The state after a block, as a node tells it by JSON-RPC. */
export class RpcSource implements StateSource {
  readonly #request: Request
  readonly #block: Hex

  constructor(request: Request, block: bigint) {
    this.#request = request
    this.#block = `0x${block.toString(16)}`
  }

  async getAccount(address: Hex): Promise<SourceAccount | undefined> {
    const proof = await this.#call('eth_getProof', [address, []])
    const { nonce, balance, codeHash, storageHash } = proof as Record<string, Hex>
    const hasNoCode = [emptyCodeHash, 0n].includes(BigInt(codeHash))
    const isAbsent = BigInt(nonce) === 0n && BigInt(balance) === 0n && hasNoCode
    return isAbsent ? undefined : { nonce, balance, codeHash, storageRoot: storageHash }
  }

  async getStorage(address: Hex, slot: Hex): Promise<Hex> {
    return (await this.#call('eth_getStorageAt', [address, slot])) as Hex
  }

  async getCode(_codeHash: Hex, address: Hex): Promise<Hex> {
    return (await this.#call('eth_getCode', [address])) as Hex
  }

  async getBlockHash(number: bigint): Promise<Hex | undefined> {
    const params = [`0x${number.toString(16)}`, false]
    const block = (await this.#request('eth_getBlockByNumber', params)) as { hash: Hex } | null
    return block?.hash
  }

  #call(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#request(method, [...params, this.#block])
  }
}

/** Nodes prove absence with an account that has nothing; its code hash is that of no code, or zero. */
const emptyCodeHash = 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470n

/** The state after a block of a node's chain, for executing the next ones. */
export function stateAfter(request: Request, block: bigint): SourceState {
  return new SourceState(new RpcSource(request, block))
}
