/** The JSON-RPC client against a server that is slow, fails, refuses, limits and lies. */

import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { JsonRpcClient, type JsonRpcOptions } from '../lib/index.js'
import { backoffDelay, Pace, retryAfter } from '../lib/rpc-client/pace.js'
import { Failure, NodeServer } from './support/node-server.js'
import { errorOf } from './support/thrown.js'

const clients = suite('JSON-RPC client')
let server: NodeServer

clients.before.each(async () => {
  server = await NodeServer.start((method, params) => {
    if (method === 'fail') throw new Failure(-32000, 'header not found')
    return [method, ...params]
  })
})
clients.after.each(() => server.stop())

const clientWith = (options: Partial<JsonRpcOptions> = {}) =>
  new JsonRpcClient({ url: server.url, backoff: { initial: 1, longest: 5 }, ...options })

/** Sends so many calls, each with its number. */
const callAll = (client: JsonRpcClient, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => client.request({ method: 'm', params: [i] })))

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ['m', i])

clients('sends the calls of a turn in batches of bounded size', async () => {
  const client = clientWith({ batchSize: 10 })
  assert.equal(await callAll(client, 25), numbered(25))
  assert.is(server.requests, 3)
  const body = JSON.stringify({ jsonrpc: '2.0', id: 10, method: 'm', params: [1] }).length
  const small = clientWith({ batchBytes: 4 * (body + 1) })
  assert.equal(await callAll(small, 8), numbered(8))
  assert.is(server.requests, 5)
  assert.is(client.statistics.calls, 25)
  assert.is(client.statistics.requests, 3)
})

clients('sends a node that refuses batches single calls from then on', async () => {
  for (const batches of ['refused', 'bad request'] as const) {
    server.reset()
    server.behaviour.batches = batches
    const client = clientWith()
    assert.equal(await callAll(client, 7), numbered(7), batches)
    assert.is(server.requests, 8)
    assert.equal(await callAll(client, 5), numbered(5))
    assert.is(server.requests, 13, 'no batch is tried again')
    assert.is(client.statistics.retries, 0)
  }
})

clients('sends smaller batches to a node that takes no long ones', async () => {
  server.behaviour.longestBatch = 30
  const client = clientWith()
  assert.equal(await callAll(client, 100), numbered(100))
  assert.is(server.requests, 1 + 4)
  // geth names the first call alone.
  server.reset()
  server.behaviour.longestBatch = Number.POSITIVE_INFINITY
  server.behaviour.alter = (answers) =>
    Array.isArray(answers) && answers.length > 30
      ? [{ jsonrpc: '2.0', id: answers[0].id, error: { code: -32600, message: 'batch too large' } }]
      : answers
  assert.equal(await callAll(clientWith(), 100), numbered(100))
  assert.is(server.requests, 1 + 4)
  // And the calls for whose answers there was no more room.
  server.behaviour.alter = (answers) =>
    Array.isArray(answers)
      ? answers.map((answer, i) =>
          i < 25
            ? answer
            : { id: answer.id, error: { code: -32003, message: 'response too large' } },
        )
      : answers
  assert.equal(await callAll(clientWith(), 100), numbered(100))
})

clients('keeps to its bounds of requests at a time and calls a second', async () => {
  server.behaviour.latency = 5
  assert.equal(await callAll(clientWith({ concurrency: 3, batchSize: 1 }), 12), numbered(12))
  assert.is(server.mostAtOnce, 3)
  const start = performance.now()
  assert.equal(await callAll(clientWith({ requestsPerSecond: 100 }), 115), numbered(115))
  const passed = performance.now() - start
  assert.ok(passed > 120, `${passed} ms for 15 calls more than a second may have`)
})

clients('tries again where the node is busy, and waits as it is told', async () => {
  for (const status of [408, 429, 502, 503, 504]) {
    let left = 2
    server.behaviour.intercept = (response) => {
      if (left-- === 0) return false
      response.writeHead(status, { 'retry-after': '0' }).end('<html>busy</html>')
      return true
    }
    const client = clientWith()
    const [answer] = await callAll(client, 1)
    assert.equal(answer, ['m', 0], `HTTP ${status}`)
    assert.is(client.statistics.retries, 2)
    server.behaviour.intercept = undefined
  }
  let isFirst = true
  server.behaviour.intercept = (response) => {
    if (!isFirst) return false
    isFirst = false
    response.writeHead(429, { 'retry-after': '1' }).end()
    return true
  }
  const start = performance.now()
  await callAll(clientWith(), 3)
  assert.ok(performance.now() - start > 950)
})

clients('tries calls again that exceed a limit, and no others', async () => {
  let left = 2
  const limited = ({ id }: { id: number }) => ({
    id,
    error: { code: -32005, message: 'slow down' },
  })
  server.behaviour.alter = (answers) => {
    if (left-- <= 0) return answers
    return Array.isArray(answers) ? answers.with(0, limited(answers[0])) : limited(answers as never)
  }
  const client = clientWith()
  assert.equal(await callAll(client, 4), numbered(4))
  assert.is(client.statistics.retries, 2)
  server.reset()
  const error = await errorOf(clientWith().request({ method: 'fail' }))
  assert.is(error.code, 'RPC_ERROR')
  assert.is(error.name, 'RpcError')
  assert.equal(error.details, { field: 'fail', rpcCode: -32000, actual: 'header not found' })
  assert.is(server.requests, 1)
})

clients('gives up where connections keep breaking, or nobody is there', async () => {
  server.behaviour.intercept = (response) => {
    response.destroy()
    return true
  }
  const client = clientWith({ retries: 2 })
  const error = await errorOf(client.request({ method: 'm' }))
  assert.is(error.code, 'RPC_UNAVAILABLE')
  assert.is(error.details.field, 'm')
  assert.is(server.requests, 3)
  const { url } = server
  const nobody = new JsonRpcClient({ url: url.replace(/\d+$/, '1'), retries: 0 })
  assert.is((await errorOf(nobody.request({ method: 'm' }))).code, 'RPC_UNAVAILABLE')
})

clients('does not wait longer than its timeout for an answer', async () => {
  server.behaviour.intercept = () => true
  const error = await errorOf(clientWith({ timeout: 20, retries: 1 }).request({ method: 'm' }))
  assert.is(error.code, 'RPC_TIMEOUT')
  assert.is(server.requests, 2)
  // Neither for the rest of one that has begun.
  server.behaviour.intercept = (response) => {
    response.writeHead(200).write('{')
    return true
  }
  const begun = await errorOf(clientWith({ timeout: 20, retries: 0 }).request({ method: 'm' }))
  assert.is(begun.code, 'RPC_TIMEOUT')
})

type Answers = { id: number; result?: unknown }[]
const lies: Readonly<Record<string, (answers: Answers) => unknown>> = {
  'a missing answer': ([first, , third]) => [first, third],
  'another id': ([first, second, third]) => [first, { ...second, id: 999 }, third],
  'an id that is a text': ([first, second, third]) => [
    first,
    { ...second, id: String(second.id) },
    third,
  ],
  'two answers to one call': ([first, second, third]) => [first, second, third, second],
  'neither result nor error': ([first, { id }, third]) => [first, { jsonrpc: '2.0', id }, third],
  'a result and an error': ([first, second, third]) => [first, { ...second, error: 'no' }, third],
  'an item that is no answer': ([first, , third]) => [first, null, third],
}

for (const [name, lie] of Object.entries(lies)) {
  clients(`finds ${name}, and believes the others`, async () => {
    server.behaviour.alter = (answers) => lie(answers as Answers)
    const client = clientWith()
    const calls = [0, 1, 2].map((i) => client.request({ method: 'm', params: [i] }))
    const [first, second, third] = await Promise.allSettled(calls)
    assert.equal(
      [first, third].map((call) => call.status),
      ['fulfilled', 'fulfilled'],
    )
    const { reason } = second as PromiseRejectedResult
    assert.is(reason.code, 'RPC_RESPONSE_INVALID')
    assert.is(server.requests, 1)
  })
}

clients('matches answers in any order', async () => {
  server.behaviour.alter = (answers) => (answers as Answers).toReversed()
  assert.equal(await callAll(clientWith(), 9), numbered(9))
})

clients('takes nothing for an answer that is none', async () => {
  for (const text of ['<html>hello</html>', '', '[{"id":1,"resu', '[]', 'null', '7', '"text"']) {
    server.behaviour.intercept = (response) => {
      response.writeHead(200).end(text)
      return true
    }
    const client = clientWith()
    const errors = await Promise.all(
      [1, 2].map((i) => errorOf(client.request({ method: 'm', params: [i] }))),
    )
    for (const { code } of errors) assert.is(code, 'RPC_RESPONSE_INVALID', text)
    const alone = await errorOf(clientWith().request({ method: 'm' }))
    assert.is(alone.code, 'RPC_RESPONSE_INVALID', text)
  }
  server.behaviour.intercept = (response) => {
    response.writeHead(500).end('<html>oops</html>')
    return true
  }
  const error = await errorOf(clientWith().request({ method: 'm' }))
  assert.is(error.code, 'RPC_UNAVAILABLE')
  assert.match(error.message, 'HTTP 500')
})

clients('reads no more of an answer than it may have', async () => {
  server.behaviour.intercept = (response) => {
    response.writeHead(200)
    const piece = 'x'.repeat(10_000)
    const more = () => {
      while (!response.destroyed && response.write(piece));
    }
    response.on('drain', more)
    more()
    return true
  }
  const error = await errorOf(clientWith({ responseBytes: 100_000 }).request({ method: 'm' }))
  assert.is(error.code, 'RPC_RESPONSE_INVALID')
  assert.match(error.message, '100000')
})

clients('gives up a call alone, and a batch with its last call', async () => {
  server.behaviour.latency = 40
  const client = clientWith()
  const [first, second] = [new AbortController(), new AbortController()]
  const ask = (params: unknown[], signal: AbortSignal) =>
    client.request({ method: 'm', params }, { signal })
  const calls = [ask([0], first.signal), ask([1], second.signal)]
  await wait(15)
  first.abort('enough')
  const error = await errorOf(calls[0])
  assert.is(error.code, 'CANCELLED')
  assert.is(error.cause, 'enough')
  assert.equal(await calls[1], ['m', 1])
  assert.is(server.aborted, 0)
  const third = ask([2], second.signal)
  await wait(15)
  second.abort()
  assert.is((await errorOf(third)).code, 'CANCELLED')
  await wait(40)
  assert.is(server.aborted, 1)
  assert.is(client.statistics.retries, 0)
  assert.is((await errorOf(ask([3], second.signal))).code, 'CANCELLED')
  assert.is(server.requests, 2, 'what was given up before it was sent is not sent')
})

clients('keeps no more calls waiting than its queue holds', async () => {
  const client = clientWith({ queue: 3 })
  const calls = [0, 1, 2].map((i) => client.request({ method: 'm', params: [i] }))
  assert.is((await errorOf(client.request({ method: 'm' }))).code, 'RPC_QUEUE_FULL')
  assert.equal(await Promise.all(calls), numbered(3))
})

clients('asks clients and transports of others, each call once', async () => {
  let asked = 0
  const provider = {
    request: async ({ method }: { method: string }) => {
      asked++
      if (method === 'none') throw Object.assign(new Error('no such method'), { code: -32601 })
      if (method === 'down') throw new Error('socket closed')
      return method
    },
  }
  for (const way of [
    { client: provider },
    { transport: () => provider },
    { transport: provider },
  ]) {
    const client = new JsonRpcClient(way)
    asked = 0
    assert.is(await client.request({ method: 'one' }), 'one')
    const none = await errorOf(client.request({ method: 'none' }))
    assert.equal([none.code, none.details.rpcCode], ['RPC_ERROR', -32601])
    const down = await errorOf(client.request({ method: 'down' }))
    assert.is(down.code, 'RPC_UNAVAILABLE')
    assert.is((down.cause as Error).message, 'socket closed')
    assert.is(asked, 3)
  }
})

clients('sends headers, and a password not in the address', async () => {
  let seen: Headers | undefined
  const send: typeof fetch = async (input, init) => {
    assert.is(String(input), 'http://node.test/key')
    seen = new Headers(init?.headers)
    return new Response('{"jsonrpc":"2.0","id":1,"result":1}')
  }
  const client = new JsonRpcClient({
    url: 'http://me:secret@node.test/key',
    headers: { 'x-key': 'k' },
    fetch: send,
  })
  assert.is(await client.request({ method: 'm' }), 1)
  assert.is(seen?.get('x-key'), 'k')
  assert.is(seen?.get('authorization'), `Basic ${btoa('me:secret')}`)
})

clients('refuses options that it does not have', () => {
  const bad: readonly object[] = [
    {},
    { url: 'ftp://node' },
    { url: 'nonsense' },
    { url: 'http://a', client: { request: () => {} } },
    { client: {} },
    { transport: () => ({}) },
    ...['batchSize', 'batchBytes', 'responseBytes', 'concurrency', 'queue', 'timeout'].map(
      (name) => ({
        url: 'http://a',
        [name]: 0,
      }),
    ),
    { url: 'http://a', requestsPerSecond: Number.NaN },
    { url: 'http://a', retries: -1 },
    { url: 'http://a', backoff: { initial: -1 } },
    { url: 'http://a', backoff: { first: 1 } },
    { url: 'http://a', headers: { a: 1 } },
    { url: 'http://a', fetch: 1 },
    { url: 'http://a', batchsize: 1 },
  ]
  for (const options of bad) {
    try {
      new JsonRpcClient(options as JsonRpcOptions)
    } catch (error) {
      assert.is((error as { code: string }).code, 'OPTION_INVALID', JSON.stringify(options))
      continue
    }
    assert.unreachable(JSON.stringify(options))
  }
})

clients('counts delays, pauses and rates', () => {
  const backoff = { initial: 100, longest: 1000 }
  assert.equal(
    [1, 2, 3, 9].map((n) => backoffDelay(n, backoff, 1)),
    [100, 200, 400, 1000],
  )
  assert.is(backoffDelay(3, backoff, 0), 200)
  assert.is(retryAfter('2'), 2000)
  assert.is(retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 2000), 3000)
  assert.is(retryAfter('100000'), 60_000)
  assert.equal(
    [retryAfter(null), retryAfter('soon'), retryAfter('')],
    [undefined, undefined, undefined],
  )
  let now = 0
  const pace = new Pace(10, () => now)
  assert.is(pace.free, 10)
  pace.take(10)
  assert.is(pace.free, 0)
  assert.is(pace.wait, 100)
  now = 250
  assert.is(pace.free, 2)
  pace.pause(1000)
  assert.is(pace.wait, 1000)
  now = 1250
  assert.is(pace.free, 10, 'no more than a second gives')
})

clients.run()
