/** How hard the proof of work of a block must be, before the merge. */

/** What the difficulty of a block follows from. */
export interface DifficultyInput {
  readonly number: bigint
  readonly timestamp: bigint
  readonly parentTimestamp: bigint
  readonly parentDifficulty: bigint
  readonly parentHasOmmers: boolean
}

/** The difficulty formula of a hardfork. */
export interface DifficultyRule {
  /** How many parts of 2048 of the parent's difficulty are added to it. */
  readonly steps: (input: DifficultyInput) => bigint
  /** By how many blocks the difficulty bomb is delayed. */
  readonly bombDelay: bigint
}

/** The parent's difficulty moves in steps of this part of it (Yellow Paper, section 4.3.4). */
const stepDivisor = 2048n
/** No block is easier than this (Yellow Paper, section 4.3.4, D0). */
const minDifficulty = 131_072n
/** No block is easier than its parent by more steps than this (EIP-2). */
const maxStepsDown = -99n
/** The bomb doubles once in so many blocks. */
const bombPeriod = 100_000n

/** Up below 13 seconds after the parent, else down (Yellow Paper of Frontier). */
function frontierSteps({ timestamp, parentTimestamp }: DifficultyInput): bigint {
  return timestamp < parentTimestamp + 13n ? 1n : -1n
}

/** EIP-2. */
function homesteadSteps({ timestamp, parentTimestamp }: DifficultyInput): bigint {
  return atLeast(1n - (timestamp - parentTimestamp) / 10n, maxStepsDown)
}

/** EIP-100: a parent with ommers counts like a quicker one. */
function byzantiumSteps(input: DifficultyInput): bigint {
  const most = input.parentHasOmmers ? 2n : 1n
  return atLeast(most - (input.timestamp - input.parentTimestamp) / 9n, maxStepsDown)
}

/** The difficulty rules by the hardforks that brought them. */
export const difficultyRules = {
  frontier: { steps: frontierSteps, bombDelay: 0n },
  homestead: { steps: homesteadSteps, bombDelay: 0n },
  byzantium: { steps: byzantiumSteps, bombDelay: 3_000_000n }, // EIP-649
  constantinople: { steps: byzantiumSteps, bombDelay: 5_000_000n }, // EIP-1234
  muirGlacier: { steps: byzantiumSteps, bombDelay: 9_000_000n }, // EIP-2384
  london: { steps: byzantiumSteps, bombDelay: 9_700_000n }, // EIP-3554
  arrowGlacier: { steps: byzantiumSteps, bombDelay: 10_700_000n }, // EIP-4345
  grayGlacier: { steps: byzantiumSteps, bombDelay: 11_400_000n }, // EIP-5133
} as const satisfies Readonly<Record<string, DifficultyRule>>

/**
 * The difficulty that a block must have. The block's time is after its parent's.
 *
 * @param rule that of the block's hardfork
 */
export function difficultyOf(rule: DifficultyRule, input: DifficultyInput): bigint {
  const { parentDifficulty } = input
  const moved = parentDifficulty + (parentDifficulty / stepDivisor) * rule.steps(input)
  return atLeast(moved, minDifficulty) + bomb(input.number - rule.bombDelay)
}

/** The part of the difficulty that grows exponentially with the block's number. */
function bomb(number: bigint): bigint {
  const period = number / bombPeriod
  return period < 2n ? 0n : 1n << (period - 2n)
}

function atLeast(value: bigint, least: bigint): bigint {
  return value > least ? value : least
}
