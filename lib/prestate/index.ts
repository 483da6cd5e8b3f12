/** Blocks and their pre-states out of nodes. */

export { blockOf } from './block-of.js'
export { Node } from './node.js'
export { type BlockWithPrestate, type PrestateOptions, prestate } from './prestate.js'
