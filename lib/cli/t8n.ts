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
import { accountsAfter, accountsJson, readAccounts } from './t8n/alloc.js'
import { completeEnvironment, readEnvironment } from './t8n/environment.js'
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
  /** In wei; below 0: none. */
  readonly 'state.reward': bigint
  readonly 'trace.tracer'?: string
  readonly 'trace.jsonconfig'?: string
  readonly 'opcode.count'?: string
}

/** Runs the command. Throws {@link ToolError} where there is no block. */
export async function transition(options: TransitionOptions): Promise<void> {
  const outputs = new ToolOutputs(options['output.basedir'])
  const inputs = new ToolInputs()
  const ruleset = rulesetNamed(options['state.fork'], options['state.chainid'])
  const accounts = readAccounts(inputs.json(options['input.alloc'], 'alloc'))
  const given = readEnvironment(inputs.json(options['input.env'], 'env'))
  const encodings = transactionsOf(inputs, options)
  const env = completeEnvironment(given, ruleset)
  const tracer = tracerOf(options)
  const executor = new TransitionExecutor(accounts)
  const reward = options['state.reward']
  const executed = executor.execute(env, ruleset, reward < 0n ? undefined : reward, encodings)
  if (tracer !== undefined) writeTraces(executor, executed, tracer, outputs)
  const counts = options['opcode.count'] ?? ''
  if (counts !== '') outputs.put(counts, 'opcodes', instructionCounts(executor, executed))
  const after = accountsAfter(accounts, new StateDiff(executed.output))
  outputs.put(options['output.alloc'], 'alloc', accountsJson(after))
  outputs.put(options['output.result'], 'result', resultJson(executed, env, ruleset))
  outputs.put(options['output.body'], 'body', bodyOf(executed))
  await outputs.finish()
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

/** The RLP of the transactions in the block. */
function bodyOf({ included }: Executed): string {
  const items = included.map(({ encoding }) =>
    encoding[0] >= 0xc0 ? RLP.decode(encoding) : encoding,
  )
  return bytesToHex(RLP.encode(items as Parameters<typeof RLP.encode>[0]))
}
