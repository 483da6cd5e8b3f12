/** Recursive length prefix: the encoding of blocks and transactions. */

export { decodeRlp, type RlpItem } from './decode.js'
export { headerSize, listBase, stringBase, writeHeader } from './header.js'
export { RlpReader } from './reader.js'
export { RlpWriter } from './writer.js'
