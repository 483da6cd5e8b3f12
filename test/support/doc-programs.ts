/** Compiles and runs the programs and commands of the documentation. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { alloc, makeChain } from '../../examples/support/chain.mjs'
import { Chain, Engine, MemoryState, readGenesis } from '../../lib/index.js'
import { root } from '../fixtures.js'
import { systemContracts } from './chain-generator/system-contracts.js'
import { nameOf, notRun, type Snippet, surroundings } from './doc-snippets.js'
import { gethGenesis } from './geth-node.js'

const folder = join(root, 'build/docs')
const sources = join(folder, 'source')
const compiled = join(folder, 'compiled')

/** EVMs that the build leaves: stand-ins for evmone and for one from elsewhere. */
const [evmone, otherVm] = ['libbraidvm18', 'libbraidvm'].map((name) =>
  join(root, 'build/Release', `${name}${process.platform === 'darwin' ? '.dylib' : '.so'}`),
)

/** Why a snippet, or a line of commands, is not run; undefined where it is. */
export function reasonNotToRun(page: string, line?: string): string | undefined {
  return notRun.find(([what]) =>
    typeof what === 'string' ? what === page : line !== undefined && what.test(line),
  )?.[1]
}

function fileOf(snippet: Snippet, extension: string): string {
  return nameOf(snippet).replace(/[^\w]+/g, '-') + extension
}

const isTypeScript = ({ language }: Snippet): boolean => language === 'ts'

function programOf(snippet: Snippet): string {
  const { before = '', after = '', replaced = [] } = surroundings[nameOf(snippet)] ?? {}
  let text = snippet.text
  for (const [from, to] of replaced) {
    if (!text.includes(from)) throw new Error(`${nameOf(snippet)} does not hold ${from}`)
    text = text.replace(from, to)
  }
  // Modules, whatever they hold, so that names of several do not meet.
  return `${before}\n${text}\n${after}\nexport {}\n`.replace('OTHER_VM', otherVm)
}

/** Compiles programs, strictly, against what the package declares; gives what the compiler says. */
export function compilePrograms(programs: readonly Snippet[]): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(sources, { recursive: true })
  for (const snippet of programs) {
    const extension = isTypeScript(snippet) ? '.ts' : '.mjs'
    writeFileSync(join(sources, fileOf(snippet, extension)), programOf(snippet))
  }
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023'],
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    allowJs: true,
    checkJs: true,
    rootDir: 'source',
    outDir: 'compiled',
  }
  const settings = { compilerOptions, include: ['source'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' }).stdout
}

/** Runs a program that was compiled; rejects where it fails. */
export async function runProgram(snippet: Snippet): Promise<void> {
  const { log, error } = console
  console.log = console.error = () => {}
  process.env.BRAID_EVMONE = evmone
  try {
    const path = join(compiled, fileOf(snippet, isTypeScript(snippet) ? '.js' : '.mjs'))
    await import(pathToFileURL(path).href)
  } finally {
    Object.assign(console, { log, error })
  }
}

/** The files of `braid t8n`. */
const transition = {
  alloc: {},
  env: {
    currentCoinbase: `0x${'c0'.repeat(20)}`,
    currentGasLimit: '0x1c9c380',
    currentNumber: '0x1',
    currentTimestamp: '0x3e8',
    currentDifficulty: '0x20000',
  },
  txs: [],
  header: {
    stateRoot: `0x${'00'.repeat(32)}`,
    number: '0x1',
    gasLimit: '0x1c9c380',
    timestamp: '0x3e8',
  },
}

/** A folder with the files that commands name, and a PATH on which `braid` and `npx` are found. */
export async function commandFolder(): Promise<{ cwd: string; env: NodeJS.ProcessEnv }> {
  const base = join(folder, 'commands')
  const cwd = join(base, 'clone')
  const fixtures = join(base, 'shared/fixtures/mainnet_blocks')
  const bin = join(base, 'bin')
  for (const each of [fixtures, bin, join(cwd, 'blocks')]) mkdirSync(each, { recursive: true })
  const example = join(root, 'examples/blocks/19932148.json.gz')
  for (const name of ['19426586.json.gz', '19932148.json.gz']) {
    for (const to of [cwd, fixtures, join(cwd, 'blocks')]) cpSync(example, join(to, name))
  }
  // As where the package is installed.
  const installed = join(cwd, 'node_modules/braid-evm/examples/blocks')
  cpSync(join(root, 'examples/blocks'), installed, { recursive: true })
  const [block] = await makeChain(1)
  writeFileSync(join(cwd, 'block.rlp'), block)
  writeFileSync(join(cwd, 'block.json.gz'), gzipSync(block))
  writeFileSync(join(cwd, 'prestate.json'), JSON.stringify(bigintsInHex(alloc)))
  const chain = await shortChain()
  writeFileSync(join(cwd, 'body.rlp'), '"0xc0"')
  for (const [name, content] of Object.entries(transition)) {
    writeFileSync(join(cwd, `${name}.json`), JSON.stringify(content))
  }
  writeFileSync(join(cwd, 'genesis.json'), JSON.stringify(chain.genesis))
  writeFileSync(join(cwd, 'chain.rlp.gz'), gzipSync(Buffer.concat(chain.blocks)))
  const braid = `"${process.execPath}" "${join(root, 'dist/cli/braid.js')}" "$@"`
  writeFileSync(join(bin, 'braid'), `#!/bin/sh\nexec ${braid}\n`)
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\n[ "$1" = braid ] && shift && exec ${braid}\nexit 3\n`)
  for (const name of ['braid', 'npx']) chmodSync(join(bin, name), 0o755)
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, URL: `file://${cwd}` }
  return { cwd, env }
}

const bigintsInHex = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `0x${one.toString(16)}` : one)),
  )

/** A genesis file, and three blocks behind it. */
async function shortChain() {
  const file = {
    ...gethGenesis(1337),
    alloc: Object.fromEntries(
      Object.entries(systemContracts).map(([at, account]) => [
        at,
        { balance: '0x0', ...(account as object) },
      ]),
    ),
  }
  const genesis = await readGenesis(file)
  await using engine = await Engine.create({ common: genesis.common })
  const state = new MemoryState(genesis.alloc, { trie: true })
  const chain = await Chain.open({ engine, state, genesis })
  const blocks: Uint8Array[] = []
  for (const timestamp of [12n, 24n, 36n]) {
    const built = await chain.buildBlock({ timestamp })
    await chain.import(built)
    blocks.push(built.rlp)
  }
  return { genesis: bigintsInHex(file), blocks }
}

/** Why a command cannot be run here: it needs a program that may be absent. */
export function toolMissing(line: string): string | undefined {
  const needed = ['curl', 'jq'].filter((tool) => new RegExp(`\\b${tool} `).test(line))
  const missing = needed.find((tool) => spawnSync(tool, ['--version']).error !== undefined)
  return missing && `${missing} is not installed`
}

/** The commands of a snippet, one a line; comments are left out. */
export function commandsOf({ text }: Snippet): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
