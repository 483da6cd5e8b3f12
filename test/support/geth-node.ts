/** A geth of this machine, which makes a block every second. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Common, createCommonFromGethGenesis } from '@ethereumjs/common'
import { JsonRpcClient } from '../../lib/index.js'

/** A genesis file but for its accounts: of a chain that is Osaka's from its first block on. */
export const gethGenesis = (chainId: number) => ({
  config: {
    chainId,
    homesteadBlock: 0,
    eip150Block: 0,
    eip155Block: 0,
    eip158Block: 0,
    byzantiumBlock: 0,
    constantinopleBlock: 0,
    petersburgBlock: 0,
    istanbulBlock: 0,
    berlinBlock: 0,
    londonBlock: 0,
    mergeNetsplitBlock: 0,
    terminalTotalDifficulty: 0,
    shanghaiTime: 0,
    cancunTime: 0,
    pragueTime: 0,
    osakaTime: 0,
    blobSchedule: {
      cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 },
      prague: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
      osaka: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
    },
  },
  nonce: '0x0',
  timestamp: '0x0',
  extraData: '0x',
  gasLimit: '0x1c9c380',
  difficulty: '0x0',
  mixHash: `0x${'00'.repeat(32)}`,
  coinbase: `0x${'00'.repeat(20)}`,
  baseFeePerGas: '0x3b9aca00',
})

/** The rules of the chain of a genesis file. */
export function gethCommon(genesis: object): Common {
  const options = { chain: 'geth', customCrypto: { kzg: {} as never } }
  return createCommonFromGethGenesis(structuredClone(genesis) as never, options as never)
}

/** A geth that runs until it is disposed of. */
export class GethNode implements AsyncDisposable {
  readonly client: JsonRpcClient

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    port: number,
  ) {
    this.client = new JsonRpcClient({ url: `http://127.0.0.1:${port}` })
  }

  /**
   * Starts one, and waits until it answers.
   *
   * @param geth its file
   */
  static async start(geth: string, genesis: object): Promise<GethNode> {
    const folder = mkdtempSync(join(tmpdir(), 'braid-geth-'))
    const data = join(folder, 'data')
    writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis))
    execFileSync(geth, ['init', '--datadir', data, join(folder, 'genesis.json')], { stdio: 'pipe' })
    const port = await freePort()
    const child = spawn(
      geth,
      ['--dev', '--datadir', data, '--dev.period', '1', '--nodiscover', '--maxpeers', '0']
        .concat(['--port', '0', '--http', '--http.api', 'eth,debug', '--http.port', `${port}`])
        .concat(['--authrpc.port', '0', '--ipcdisable']),
      { stdio: 'ignore' },
    )
    const node = new GethNode(child, folder, port)
    for (let i = 0; ; i++) {
      const isUp = await node.client.request({ method: 'eth_blockNumber' }).then(
        () => true,
        () => false,
      )
      if (isUp) return node
      if (i === 20) {
        await node[Symbol.asyncDispose]()
        throw new Error('geth does not answer')
      }
      await wait(250)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
