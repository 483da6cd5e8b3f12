/** States of live chains. */

export type { RpcCacheOptions } from './answer-cache.js'
export type { RpcStateOptions } from './options.js'
export { RpcState } from './rpc-state.js'
