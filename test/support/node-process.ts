/** A {@link MainnetNode} in a process of its own, so that its work is not the asker's. */

import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { type Abilities, type MainnetFile, MainnetNode } from './mainnet-node.js'
import { NodeServer } from './node-server.js'

/** What the process is told: what the node can do from now on, its counts beginning anew. */
interface Order {
  readonly abilities: Abilities
  readonly latency: number
}

/** What the process was asked since the last order. */
export interface NodeCounts {
  readonly requests: number
  /** Requests one after another. */
  readonly depth: number
}

/** The file of a block of mainnet in the conformance data. */
export function readMainnetFile(path: string): MainnetFile {
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as MainnetFile
}

/** The node as another process sees it. */
export class NodeProcess {
  readonly #child: ChildProcess
  readonly url: string

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  /** @param path the block's file */
  static async start(path: string): Promise<NodeProcess> {
    const child = fork(fileURLToPath(import.meta.url), [path])
    return new NodeProcess(child, await answerOf<string>(child))
  }

  /** Sets what the node can do; gives what it was asked since this was last set. */
  async set(order: Order): Promise<NodeCounts> {
    const counts = answerOf<NodeCounts>(this.#child)
    this.#child.send(order)
    return counts
  }

  stop(): void {
    this.#child.kill()
  }
}

function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error('the node has ended'))
    child.once('exit', fail)
    child.once('message', (answer: Answer) => {
      child.removeListener('exit', fail)
      resolve(answer)
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = await MainnetNode.of(readMainnetFile(process.argv[2]))
  const server = await NodeServer.start(node.answer)
  process.on('message', ({ abilities, latency }: Order) => {
    const { requests, depth } = server
    process.send?.({ requests, depth })
    server.reset()
    server.behaviour.latency = latency
    node.abilities = abilities
  })
  process.on('disconnect', () => process.exit())
  process.send?.(server.url)
}
