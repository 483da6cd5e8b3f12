/** What somebody most likely meant by a name that is not known. */

/**
 * Of the known names the one that a given one is most likely a slip of the hand for, the first among
 * equals; undefined where none is close. Letters in the other case count for nothing. A third of the
 * name's letters may be wrong, one in any case, or its end may be missing from the third letter on.
 */
export function didYouMean(given: string, known: Iterable<string>): string | undefined {
  const wanted = given.slice(0, longestName).toLowerCase()
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1
  let completion: string | undefined
  for (const name of known) {
    const candidate = name.toLowerCase()
    const edits = editDistance(wanted, candidate)
    if (edits < fewest) {
      best = name
      fewest = edits
    }
    if (wanted.length >= shortestStart && candidate.startsWith(wanted)) completion ??= name
  }
  return best ?? completion
}

/** The sentence's end that asks whether it was that: `, did you mean 'signal'?`. */
export function suggesting(meant: string): string {
  return `, did you mean '${meant}'?`
}

/** {@link suggesting} what {@link didYouMean} gives; empty where nothing is close. */
export function suggestion(given: string, known: Iterable<string>): string {
  const meant = didYouMean(given, known)
  return meant === undefined ? '' : suggesting(meant)
}

/** What is longer is no slip; the distance takes time that grows with the length. */
const longestName = 64

/** So many letters say what a name begins with. */
const shortestStart = 3

/**
 * How many letters have to be added, removed, replaced, or swapped with the next one to make one word of
 * the other (Levenshtein's distance, with Damerau's swaps of neighbours).
 */
export function editDistance(from: string, to: string): number {
  let before: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      let edits = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1))
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (isSwap) edits = Math.min(edits, before[j - 2] + 1)
      next.push(edits)
    }
    before = row
    row = next
  }
  return row[to.length]
}
