/** Blocks and their pre-states out of nodes. */

export type { RpcClient } from './node.js'
export { type BlockWithPrestate, type PrestateOptions, prestate } from './prestate.js'
