import {
  type Alloc,
  type BlockReference,
  type BuiltBlock,
  Chain,
  type CheckpointStore,
  Engine,
  FileCheckpointStore,
  isBraidError,
  type LmdbCheck,
  LmdbState,
  type LmdbStateSize,
  MemoryState,
  type ReadableState,
  type Replay,
  RpcState,
  readBlocks,
  readGenesis,
  type Snapshot,
  SourceState,
  State,
  type StateChange,
  type StateOverrides,
  stateCheckpoint,
  WitnessState,
} from 'braid-evm'

/** A chain on a state that lasts: what a replay gives, and how far it is. */
export async function replayed(folder: string, blocks: readonly string[]): Promise<bigint> {
  const genesis = await readGenesis('genesis.json')
  const engine = await Engine.create({ common: genesis.common })
  const alloc: Alloc = genesis.alloc ?? {}
  const root: `0x${string}` = await LmdbState.create(folder, alloc, { head: genesis.header })
  const state: LmdbState = await LmdbState.open(folder, { history: 64, batch: 8 })
  const size: LmdbStateSize = state.size
  const chain: Chain = await Chain.open({ engine, state, genesis })
  const checkpoint: CheckpointStore = stateCheckpoint(state)
  const run: Replay = chain.replay(readBlocks(blocks), { checkpoint, every: 8, to: 100n })
  for await (const { number, stateRoot } of run) {
    const seconds: number | undefined = run.progress.eta
    if (stateRoot === root) console.log(number + 1n, seconds, size.fileBytes)
  }
  const head: BlockReference = chain.head
  await chain.revert(head)
  const { problem }: LmdbCheck = await state.check()
  // @ts-expect-error a folder is needed: what is imported is typed, not any
  new FileCheckpointStore(42)
  if (problem !== undefined) throw new Error(problem)
  await chain[Symbol.asyncDispose]()
  return head.number
}

/** A block that is built, and moved to. */
export async function built(chain: Chain): Promise<BuiltBlock> {
  const block = await chain.buildBlock({ timestamp: 12n, withdrawals: [], transactions: [] })
  const result = await chain.import(block)
  await chain.reorganise([block.rlp])
  return result.header.number === 1n ? block : chain.buildBlock({ timestamp: 24n })
}

/** All states can do the same. */
export async function every(url: string): Promise<readonly (bigint | undefined)[]> {
  const rpc: RpcState = new RpcState({ url, block: 1n, history: 2 })
  const states: State[] = [new MemoryState({}, { trie: true }), rpc]
  const overrides: StateOverrides = {
    [`0x${'00'.repeat(19)}04`]: { movePrecompileTo: `0x${'aa'.repeat(20)}` },
    [`0x${'bb'.repeat(20)}`]: { balance: 1n, nonce: '0x1', code: '0x00', stateDiff: { '0x0': 1 } },
  }
  const readable: ReadableState[] = []
  for (const state of states) {
    const snapshot: Snapshot = state.snapshot()
    readable.push(state, snapshot, state.override(overrides), snapshot.override(overrides))
    const told = async (changes: AsyncIterable<StateChange>): Promise<void> => {
      for await (const { kind, block, diff } of changes) console.log(kind, block?.number, diff)
    }
    void told(state.changes({ limit: 8 }))
    const count: number = state.undoable
    if (count > 0) await state.revert()
    await snapshot[Symbol.asyncDispose]()
  }
  const accounts = await Promise.all(readable.map((one) => one.getAccount(`0x${'00'.repeat(20)}`)))
  // @ts-expect-error a snapshot does not move
  readable[1].commit
  return accounts.map((account) => account?.balance)
}

/** Whether something is a state of some kind. */
export const isSome = (value: unknown): boolean =>
  value instanceof State || value instanceof SourceState || value instanceof WitnessState

export const isStoreProblem = (error: unknown): boolean =>
  isBraidError(error, 'STORE_LOCKED') || isBraidError(error, 'STATE_NOT_PRECOMPILE')
