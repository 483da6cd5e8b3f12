/** What the colours of the chart mean. */

import type { PageModel } from './client/model.js'

/** The legend as HTML. It explains what occurs in this block, and nothing else. */
export function legend({ runs, criticalPath }: PageModel): string {
  const outcomes = new Set(runs.map(({ outcome }) => outcome))
  const entries: [occurs: boolean, className: string, text: string][] = [
    [outcomes.has('ahead'), 'ahead', 'committed'],
    [outcomes.has('head'), 'head', 'committed, run at the head'],
    [outcomes.has('discarded'), 'discarded', 'thrown away'],
    [runs.some(({ dependsOn }) => dependsOn !== undefined), 'reads', 'read from'],
    [outcomes.has('discarded'), 'aborts', 'aborted by'],
    [runs.some(({ waitedFor }) => waitedFor !== undefined), 'waits', 'waited for'],
  ]
  const items = entries
    .filter(([occurs]) => occurs)
    .map(([, className, text]) => `<li><span class="swatch ${className}"></span>${text}</li>`)
  const hidden = criticalPath.length === 0 ? ' hidden' : ''
  return `<ul class="legend">
${items.join('\n')}
</ul>
<label${hidden}><input type="checkbox" id="critical-path" checked><span class="swatch critical"></span>critical path</label>`
}
