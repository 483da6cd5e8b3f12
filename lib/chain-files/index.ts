/** Files of blocks, genesis files and files of accounts. */

export type { AccountRecord } from './account-record.js'
export { type ReadBlocksOptions, readBlocks } from './blocks.js'
export type { ByteSource, ReadOptions, ReadProgress } from './byte-input.js'
export {
  type Genesis,
  type GenesisFile,
  type ReadGenesisOptions,
  readChainConfig,
  readGenesis,
} from './genesis.js'
export { readSnapshot, type SnapshotFile } from './snapshot-reader.js'
export { inHashOrder, type SnapshotHead, writeSnapshot } from './snapshot-writer.js'
export { type AccountFile, readAlloc, readGethDump, readInitState } from './state-readers.js'
export { accountRecords } from './state-records.js'
export {
  type AccountStream,
  type GethDumpOptions,
  writeAlloc,
  writeGethDump,
  writeInitState,
} from './state-writers.js'
