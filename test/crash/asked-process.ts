/** A process that answers questions one after another, and may die of one. */

import { type ChildProcess, fork } from 'node:child_process'

/** Milliseconds after which a process is ended that does not answer. */
const stuckAfter = 180_000

/** Starts its program when it is first asked, and anew when it has died. */
export class AskedProcess<Question, Answer> {
  readonly #program: string
  readonly #args: readonly string[]
  #child: ChildProcess | undefined

  constructor(program: string, args: readonly string[]) {
    this.#program = program
    this.#args = args
  }

  /** The answer; or how the process died of the question. */
  async ask(question: Question): Promise<{ answer: Answer } | { death: string }> {
    if (this.#child === undefined) {
      this.#child = fork(this.#program, this.#args)
      const started = await this.#next()
      if ('death' in started) return started
    }
    this.#child.send(question as never)
    return this.#next()
  }

  stop(): void {
    this.#child?.removeAllListeners()
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  #next(): Promise<{ answer: Answer } | { death: string }> {
    return new Promise((resolve) => {
      const child = this.#child as ChildProcess
      const timer = setTimeout(() => child.kill('SIGKILL'), stuckAfter)
      const died = (code: number | null, signal: string | null) => {
        clearTimeout(timer)
        child.removeAllListeners('message')
        this.#child = undefined
        resolve({ death: signal ?? `exit code ${code}` })
      }
      child.once('exit', died)
      child.once('message', (answer) => {
        clearTimeout(timer)
        child.removeListener('exit', died)
        resolve({ answer: answer as Answer })
      })
    })
  }
}
