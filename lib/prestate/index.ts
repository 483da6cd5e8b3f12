/** Blocks and their pre-states out of nodes. */

export { type BlockWithPrestate, type PrestateOptions, prestate } from './prestate.js'
