/**
 * Everything that must hold before a change lands, one step after another but for the sanitizers; a failing step does not
 * stop the others. The last line counts the tests: `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fixtures, root } from './steps.mjs'

const totals = { passed: 0, failed: 0, skipped: 0 }
const failedSteps = []

/** Runs a command, shows its output, and gives its exit code and what it printed. */
function show(program, args) {
  process.stdout.write(`\n=== ${[program, ...args].join(' ').slice(0, 160)}\n`)
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk)
      output += chunk
    })
    child.on('error', (error) => resolve({ code: 1, output: String(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** The last `N passed, N failed[, N skipped]` or uvu summary of each kind in a program's output. */
function countsIn(output) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: uvu colours its summary
  const plain = output.replace(/\u001b\[[0-9;]*m/g, '')
  const counts = []
  for (const match of plain.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)) {
    counts.push(match.slice(1).map((number) => Number(number ?? 0)))
  }
  for (const match of plain.matchAll(/Total:\s+(\d+)\s+Passed:\s+(\d+)\s+Skipped:\s+(\d+)/g)) {
    const [total, passed, skipped] = match.slice(1).map(Number)
    counts.push([passed, total - passed - skipped, skipped])
  }
  return counts
}

/** Runs a step whose tests are counted where it prints a count, else the step counts as one. */
async function step(program, ...args) {
  const start = Date.now()
  const { code, output } = await show(program, args)
  const name = args.join(' ').slice(0, 160)
  process.stdout.write(`\n=== ${Math.round((Date.now() - start) / 1000)} s: ${name}\n`)
  const counts = countsIn(output)
  let failed = 0
  for (const [passed, failures, skipped] of counts) {
    totals.passed += passed
    totals.skipped += skipped
    failed += failures
  }
  if (counts.length === 0 && code === 0) {
    totals.passed += 1
  }
  if (code !== 0 || failed !== 0) failedSteps.push(`${name} (exit ${code})`)
  // A step that fails without a failed test failed as a whole.
  totals.failed += code !== 0 ? Math.max(failed, 1) : failed
  return code
}

const braid = join(root, 'dist/cli/braid.js')
/** The parts of `npm run test:runtimes` that the time allows. */
const runtimes = ['node', 'bun', 'clang', 'arm64']
await step('npm', 'run', '--silent', 'lint')
await step('npm', 'run', '--silent', 'check:wire')
await step('npm', 'run', '--silent', 'check:errors')
const built = await step('npm', 'run', '--silent', 'build')
if (built === 0) {
  await step('npm', 'run', '--silent', 'check:api')
  await step('npm', 'run', '--silent', 'test')
  await step('npm', 'start', '--silent')
  await step('npm', 'run', '--silent', 'test:package')
  await step('npm', 'run', '--silent', 'test:runtimes', '--', ...runtimes)
  await step('npm', 'run', '--silent', 'soak', '--', '--minutes', '0.3')
  const data = fixtures()
  if (data === null) {
    process.stdout.write(
      '\nleft out: state tests, block tests, mainnet blocks; BRAID_FIXTURES names no conformance data\n',
    )
    totals.skipped += 3
  } else {
    // All of them are traced by `npm run test:long`.
    const sample = ['--fork', 'Osaka']
    const ahead = ['--threads', '2', '--policy', 'ahead']
    await step('npm', 'run', '--silent', 'test:state', '--', '--skip-slow')
    await step('npm', 'run', '--silent', 'test:state', '--', '--skip-slow', ...ahead)
    await step(
      'npm',
      'run',
      '--silent',
      'test:state',
      '--',
      '--skip-slow',
      '--trace-check',
      ...sample,
    )
    await step('npm', 'run', '--silent', 'test:blocks')
    await step('npm', 'run', '--silent', 'test:blocks', '--', ...ahead)
    const blocks = readdirSync(join(data, 'mainnet_blocks')).filter((file) => file.endsWith('.gz'))
    const paths = blocks.map((file) => join(data, 'mainnet_blocks', file))
    await step(process.execPath, braid, 'execute', ...paths)
    await step(process.execPath, braid, 'execute', ...ahead, ...paths)
  }
  await step('npm', 'run', '--silent', 'test:geth')
  await step('npm', 'run', '--silent', 'test:crash', '--', '--seconds', '20')
  // Side by side: most of their tests keep one core busy.
  await Promise.all([
    (async () => {
      await step('npm', 'run', '--silent', 'test:asan')
      // In the same build.
      await step('npm', 'run', '--silent', 'fuzz', '--', 'all', '--seconds', '10', '--standalone')
    })(),
    step('npm', 'run', '--silent', 'test:tsan'),
  ])
}

const { passed, failed, skipped } = totals
for (const name of failedSteps) process.stdout.write(`\nfailed: ${name}`)
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`)
process.exitCode = failed === 0 ? 0 : 1
