/** A state that a node knows: see docs/sources.md. */

import { SourceState } from 'braid-evm'

/**
 * Calls a JSON-RPC method of a node.
 *
 * @typedef {(method: string, params: readonly unknown[]) => Promise<any>} Request
 * @import { Hex, StateSource } from 'braid-evm'
 */

/**
 * The state after a block, as a node tells it by JSON-RPC.
 *
 * @implements {StateSource}
 */
export class RpcSource {
  /** @type {Request} */
  #request
  /** @type {Hex} */
  #block

  /**
   * @param {Request} request
   * @param {bigint} block
   */
  constructor(request, block) {
    this.#request = request
    this.#block = `0x${block.toString(16)}`
  }

  /** @param {Hex} address */
  async getAccount(address) {
    const proof = await this.#call('eth_getProof', [address, []])
    const { nonce, balance, codeHash, storageHash } = proof
    const hasNoCode = [emptyCodeHash, 0n].includes(BigInt(codeHash))
    const isAbsent = BigInt(nonce) === 0n && BigInt(balance) === 0n && hasNoCode
    return isAbsent ? undefined : { nonce, balance, codeHash, storageRoot: storageHash }
  }

  /**
   * @param {Hex} address
   * @param {Hex} slot
   */
  async getStorage(address, slot) {
    return this.#call('eth_getStorageAt', [address, slot])
  }

  /**
   * @param {Hex} _codeHash
   * @param {Hex} address
   */
  async getCode(_codeHash, address) {
    return this.#call('eth_getCode', [address])
  }

  /** @param {bigint} number */
  async getBlockHash(number) {
    const block = await this.#request('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])
    return block?.hash
  }

  /**
   * @param {string} method
   * @param {readonly unknown[]} params
   */
  #call(method, params) {
    return this.#request(method, [...params, this.#block])
  }
}

/** Nodes prove absence with an account that has nothing; its code hash is that of no code, or zero. */
const emptyCodeHash = 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470n

/**
 * The state after a block of a node's chain, for executing the next ones.
 *
 * @param {Request} request
 * @param {bigint} block
 */
export function stateAfter(request, block) {
  return new SourceState(new RpcSource(request, block))
}
