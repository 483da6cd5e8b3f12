/**
 * `npm run test:geth`: builds, then runs what is tested against a real geth. BRAID_GETH names its file;
 * else it is looked for on the path and where `go install` puts it. Without one nothing is tested.
 *
 *   go install github.com/ethereum/go-ethereum/cmd/geth@v1.17.10
 *   go install github.com/ethereum/go-ethereum/cmd/evm@v1.17.10
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { attempt, prepare, root, say } from './steps.mjs'

/** The tests, by the file that runs each. */
const programs = ['rpc-state', 'overrides', 'trace-call', 'evm-tool']

const geth = findGeth()
if (geth === undefined) {
  say(`${programs.length} tests against a real geth left out: there is none (BRAID_GETH names one)`)
} else {
  prepare()
  for (const program of programs) {
    say(`running ${program} against ${geth}`)
    const file = join(root, `build/test/geth/${program}.live.js`)
    if (attempt(process.execPath, [file, geth]) !== 0) process.exitCode = 1
  }
}

function findGeth() {
  if (process.env.BRAID_GETH) return process.env.BRAID_GETH
  const go = spawnSync('go', ['env', 'GOBIN', 'GOPATH'], { encoding: 'utf8' })
  const [bin = '', path = ''] = (go.stdout ?? '').split('\n')
  const folders = [...(process.env.PATH ?? '').split(delimiter), bin, path && join(path, 'bin')]
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, 'geth'))
    .find((file) => existsSync(file))
}
