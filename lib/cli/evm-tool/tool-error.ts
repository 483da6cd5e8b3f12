/** Errors of the commands that stand for those of other clients, with their exit codes. */

/** The exit codes of geth's `evm t8n`, `t9n` and `b11r`. */
export const ToolExitCode = {
  /** The block could not be executed. */
  Evm: 2,
  /** What is around the transactions does not make a block of the fork, or there is no such fork. */
  Config: 3,
  /** BLOCKHASH was asked for a hash that was not given. */
  MissingBlockHash: 4,
  /** An input is not the JSON that it should be. */
  Json: 10,
  /** A file could not be read or written. */
  Io: 11,
  /** An input is not the RLP that it should be. */
  Rlp: 12,
} as const

/** One of {@link ToolExitCode}. */
export type ToolExitCode = (typeof ToolExitCode)[keyof typeof ToolExitCode]

/** An error that ends a command with an exit code of its own. */
export class ToolError extends Error {
  override readonly name = 'ToolError'

  constructor(
    readonly exitCode: ToolExitCode,
    message: string,
  ) {
    super(message)
  }
}
