/** Runs a command that stands for one of another client's tool: with that tool's exit codes. */

import { complain, describeError } from '../console.js'
import { ToolError } from './tool-error.js'

/** Runs a command; what it cannot do is told as geth tells it. */
export async function runTool(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    complain(`ERROR(${error.exitCode}): ${describeError(error)}`)
    process.exitCode = error.exitCode
  }
}
