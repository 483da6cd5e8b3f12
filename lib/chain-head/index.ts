/** A chain with a head. */

export type { BuildBlockOptions, BuiltBlock } from './block-builder.js'
export { Chain, type ChainStep } from './chain.js'
export { type CheckpointStore, FileCheckpointStore, stateCheckpoint } from './checkpoint.js'
export type { ChainOptions, ImportOptions } from './options.js'
export type { Replay } from './replay.js'
export type { ReplayBlocks, ReplayOptions, ReplayProgress } from './replay-options.js'
