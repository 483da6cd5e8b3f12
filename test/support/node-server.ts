/** A node's HTTP side: it answers what a table of methods answers, as slowly, badly or falsely as it is told. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A call as it arrives. */
export interface IncomingCall {
  readonly id: unknown
  readonly method: string
  readonly params: readonly unknown[]
}

/** What is thrown for a call that is answered with an error. */
export class Failure extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

/** How the server behaves; may be changed while it runs. */
export interface Behaviour {
  /** Milliseconds until a request is answered. */
  latency: number
  /** What becomes of a batch: it is taken, answered with an error, or with HTTP 400. */
  batches: 'taken' | 'refused' | 'bad request'
  /** More calls than that in a batch are refused. */
  longestBatch: number
  /** Answers a request in place of the methods where it gives true. */
  intercept: ((response: ServerResponse, calls: readonly IncomingCall[]) => boolean) | undefined
  /** What the answers to a request are made into. */
  alter: (answers: unknown) => unknown
}

/** Answers a call: gives its result, or throws a {@link Failure}. */
export type Answering = (method: string, params: readonly unknown[]) => unknown | Promise<unknown>

/** An HTTP server on this machine. */
export class NodeServer {
  readonly behaviour: Behaviour = {
    latency: 0,
    batches: 'taken',
    longestBatch: Number.POSITIVE_INFINITY,
    intercept: undefined,
    alter: (answers) => answers,
  }
  /** How often each method was called. */
  readonly asked = new Map<string, number>()
  /** Requests that came in. */
  requests = 0
  /** Requests whose sender gave them up. */
  aborted = 0
  /** The most requests under way at a time. */
  mostAtOnce = 0
  /** The most requests one after another: each came in when the one before had been answered. */
  depth = 0
  readonly #answer: Answering
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #underWay = 0
  #answeredDepth = 0

  private constructor(answer: Answering) {
    this.#answer = answer
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(answer: Answering): Promise<NodeServer> {
    const server = new NodeServer(answer)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Forgets what it counted. */
  reset(): void {
    this.asked.clear()
    this.requests = 0
    this.aborted = 0
    this.mostAtOnce = 0
    this.depth = 0
    this.#answeredDepth = 0
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay)
    const depth = this.#answeredDepth + 1
    this.depth = Math.max(this.depth, depth)
    response.on('close', () => {
      this.#underWay--
      this.#answeredDepth = Math.max(this.#answeredDepth, depth)
      if (!response.writableFinished) this.aborted++
    })
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'))
    const isBatch = Array.isArray(body)
    const calls = (isBatch ? body : [body]) as IncomingCall[]
    const { latency } = this.behaviour
    // The answers are made meanwhile, as by another machine.
    const making = this.#textOf(calls, isBatch)
    if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency))
    const text = await making
    if (response.destroyed || this.behaviour.intercept?.(response, calls)) return
    const isBad = isBatch && this.behaviour.batches === 'bad request'
    response.writeHead(isBad ? 400 : 200, { 'content-type': 'application/json' })
    response.end(isBad ? 'batches are not allowed' : text)
  }

  async #textOf(calls: readonly IncomingCall[], isBatch: boolean): Promise<string> {
    const { batches, longestBatch, alter } = this.behaviour
    if (isBatch && batches === 'refused') {
      return errorText(-32600, 'batch requests are disabled')
    }
    if (calls.length > longestBatch) return errorText(-32600, 'batch too large')
    const answers = await Promise.all(calls.map((call) => this.#answerTo(call)))
    return JSON.stringify(alter(isBatch ? answers : answers[0]))
  }

  async #answerTo({ id, method, params }: IncomingCall): Promise<object> {
    this.asked.set(method, (this.asked.get(method) ?? 0) + 1)
    try {
      return { jsonrpc: '2.0', id, result: await this.#answer(method, params) }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return { jsonrpc: '2.0', id, error: { code: error.code, message: error.message } }
    }
  }
}

function errorText(code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } })
}
