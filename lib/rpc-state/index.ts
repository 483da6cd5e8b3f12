/** States of live chains. */

export type { RpcStateOptions } from './options.js'
export { RpcState } from './rpc-state.js'
