/** `braid t8n`: executes a block of given accounts, surroundings and transactions, as geth's `evm t8n` does. */

import { RLP } from '@ethereumjs/rlp'
import { type Ruleset, rulesetForFork } from '../chain/index.js'
import { isBraidError } from '../errors.js'
import { bytesToHex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { StateDiff } from '../output/state-diff.js'
import { type NativeTracer, nativeTracer } from '../trace/index.js'
import { ToolInputs } from './evm-tool/inputs.js'
import { ToolOutputs } from './evm-tool/outputs.js'
import { ToolError, ToolExitCode } from './evm-tool/tool-error.js'
import { lineConfigOf, type TraceFlags } from './evm-tool/trace-flags.js'
import { countInstructions, toolTracer, toolTracerConfig } from './evm-tool/traces.js'
import { encodingsIn, readTransactions } from './evm-tool/transactions.js'
import { type Accounts, accountsAfter, accountsJson, readAccounts } from './t8n/alloc.js'
import {
  besuAlloc,
  besuEnvironment,
  besuRejection,
  besuResult,
  besuReward,
  besuWithdrawals,
} from './t8n/besu.js'
import { completeEnvironment, type Environment, readEnvironment } from './t8n/environment.js'
import { type Executed, TransitionExecutor } from './t8n/execute.js'
import { resultJson } from './t8n/result.js'

/** The options of the command: geth's. */
export interface TransitionOptions extends TraceFlags {
  readonly 'input.alloc': string
  readonly 'input.env': string
  readonly 'input.txs': string
  readonly 'output.basedir': string
  readonly 'output.alloc': string
  readonly 'output.result': string
  readonly 'output.body': string
  readonly 'state.fork': string
  readonly 'state.chainid': bigint
  /** In wei; below 0: none. What is not said is 0 for geth, and for Besu what the fork pays. */
  readonly 'state.reward'?: bigint
  readonly 'trace.tracer'?: string
  readonly 'trace.jsonconfig'?: string
  readonly 'opcode.count'?: string
  /** Whose tool it stands for. */
  readonly form: 'geth' | 'besu'
}

/** Runs the command. Throws {@link ToolError} where there is no block. */
export async function transition(options: TransitionOptions): Promise<void> {
  const outputs = new ToolOutputs(options['output.basedir'])
  const inputs = new ToolInputs()
  const ruleset = rulesetNamed(options['state.fork'], options['state.chainid'])
  const isBesu = options.form === 'besu'
  const alloc = inputs.json(options['input.alloc'], 'alloc')
  const accounts = readAccounts(isBesu ? besuAlloc(alloc) : alloc)
  const given = inputs.json(options['input.env'], 'env')
  const env = readEnvironment(given)
  const encodings = transactionsOf(inputs, options)
  const tracer = tracerOf(options)
  const executor = new TransitionExecutor(accounts)
  const block = { given, env, encodings, accounts, ruleset, reward: options['state.reward'] }
  const { executed, result } = (isBesu ? executeAsBesu : executeAsGeth)(executor, block)
  if (tracer !== undefined) writeTraces(executor, executed, tracer, outputs)
  const counts = options['opcode.count'] ?? ''
  if (counts !== '') outputs.put(counts, 'opcodes', instructionCounts(executor, executed))
  const after = accountsAfter(accounts, new StateDiff(executed.output))
  outputs.put(options['output.alloc'], 'alloc', accountsJson(after))
  outputs.put(options['output.result'], 'result', result)
  // Besu's has those that are not in the block as well.
  const body = isBesu ? encodings : executed.included.map(({ encoding }) => encoding)
  outputs.put(options['output.body'], 'body', bodyOf(body))
  await outputs.finish()
}

/** What is to be executed. */
interface GivenBlock {
  /** The surroundings as they were given. */
  readonly given: unknown
  readonly env: Environment
  readonly encodings: readonly Uint8Array[]
  readonly accounts: Accounts
  readonly ruleset: Ruleset
  readonly reward: bigint | undefined
}

/** A block that was executed, and what is said of it. */
interface ToldBlock {
  readonly executed: Executed
  readonly result: object
}

function executeAsGeth(executor: TransitionExecutor, block: GivenBlock): ToldBlock {
  const { ruleset, reward = 0n, encodings } = block
  const env = completeEnvironment(block.env, ruleset)
  const executed = executor.execute(env, ruleset, reward < 0n ? undefined : reward, encodings)
  return { executed, result: resultJson(executed, env, ruleset) }
}

function executeAsBesu(executor: TransitionExecutor, block: GivenBlock): ToldBlock {
  const { ruleset, encodings, given, accounts } = block
  const header = besuEnvironment(block.env, ruleset)
  const { env, exception } = besuWithdrawals(header, accounts)
  const execute = (reward: bigint | undefined) =>
    executor.execute(env, ruleset, reward, encodings, besuRejection)
  const unpaid = execute(undefined)
  const reward = besuReward(block.reward, ruleset, unpaid)
  const executed = reward === undefined ? unpaid : execute(reward)
  const extra = { header, given, ...(exception === undefined ? {} : { exception }) }
  return { executed, result: besuResult(executed, env, ruleset, extra) }
}

/** The rules of a fork. geth switches single EIPs on as well, which is not possible here. */
export function rulesetNamed(fork: string, chainId: bigint): Ruleset {
  try {
    return rulesetForFork(fork, { chainId })
  } catch (error) {
    if (!isBraidError(error, 'UNSUPPORTED_HARDFORK')) throw error
    const text = `failed constructing chain configuration: unsupported fork "${fork}"`
    throw new ToolError(ToolExitCode.Config, text)
  }
}

function transactionsOf(inputs: ToolInputs, options: TransitionOptions): Uint8Array[] {
  const path = options['input.txs']
  if (path.endsWith('.rlp')) return encodingsIn(Buffer.from(inputs.hex(path).slice(2), 'hex'))
  return readTransactions(inputs.json(path, 'txsRlp', 'txs'), options['state.chainid'])
}

/** What is asked for beside the block, if anything. */
function tracerOf(options: TransitionOptions): NativeTracer | undefined {
  const name = options['trace.tracer']
  if (name !== undefined) {
    return nativeTracer(toolTracer(name), toolTracerConfig(options['trace.jsonconfig']))
  }
  return options.trace ? nativeTracer('eip3155', lineConfigOf(options)) : undefined
}

/** Writes a file for each transaction that was begun: for one that could not run, an empty one. */
function writeTraces(
  executor: TransitionExecutor,
  executed: Executed,
  tracer: NativeTracer,
  outputs: ToolOutputs,
): void {
  const { included, rejected } = executed
  const traces = tracesOf(executor, executed, tracer)
  const begun = [
    ...included.map((transaction, i) => ({ ...transaction, trace: traces[i] })),
    ...rejected
      .filter(({ wasBegun }) => wasBegun)
      .map((transaction) => ({ ...transaction, trace: '' })),
  ].sort((a, b) => a.index - b.index)
  const isLines = tracer.name === 'eip3155'
  for (const [place, { encoding, trace }] of begun.entries()) {
    const hash = bytesToHex(keccak256(encoding))
    const isWhole = isLines || trace.length === 0
    const content = isWhole ? trace : Buffer.concat([Buffer.from(trace), Buffer.from('\n')])
    outputs.file(`trace-${place}-${hash}.${isLines ? 'jsonl' : 'json'}`, content)
  }
}

function tracesOf(
  executor: TransitionExecutor,
  { input, included }: Executed,
  tracer: NativeTracer,
): Uint8Array[] {
  const hashes = included.map(({ encoding }) => bytesToHex(keccak256(encoding)))
  return executor.traces(input, tracer, hashes)
}

function instructionCounts(executor: TransitionExecutor, executed: Executed): object {
  const tracer = nativeTracer('eip3155', { disableStack: true })
  return countInstructions(tracesOf(executor, executed, tracer))
}

/** The RLP of transactions. */
function bodyOf(encodings: readonly Uint8Array[]): string {
  const items = encodings.map((encoding) => (encoding[0] >= 0xc0 ? RLP.decode(encoding) : encoding))
  return bytesToHex(RLP.encode(items as Parameters<typeof RLP.encode>[0]))
}
