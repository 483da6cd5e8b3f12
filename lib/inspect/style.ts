/** The page's style sheet. */

const light = `
  color-scheme: light;
  --paper: #fcfcfa;
  --panel: #ffffff;
  --ink: #1c2127;
  --muted: #66707a;
  --line: #e3e5e2;
  --timeline: #f2f3f0;
  --label: #ffffff;
  --ahead: #4c76a6;
  --head: #4b8a76;
  --discarded: #c4553f;
  --discarded-tint: #f8e3dd;
  --critical: #c08a1e;
  --reads: #39424c;
  --waits: #7f5aa6;
  --shadow: 0 1px 2px rgb(28 33 39 / 8%), 0 6px 24px rgb(28 33 39 / 12%);`

const dark = `
  color-scheme: dark;
  --paper: #14171a;
  --panel: #1c2025;
  --ink: #e4e7ea;
  --muted: #8f99a3;
  --line: #2b3138;
  --timeline: #1b1f24;
  --label: #0f1215;
  --ahead: #7ba3d0;
  --head: #72b39e;
  --discarded: #e5816b;
  --discarded-tint: #3a2420;
  --critical: #e0b04c;
  --reads: #dfe4e9;
  --waits: #b695da;
  --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 8px 28px rgb(0 0 0 / 50%);`

/** The whole style sheet, light and dark. */
export const style = `
:root {${light}
  font: 13px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
  font-variant-numeric: tabular-nums;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme='light']) {${dark}
  }
}
:root[data-theme='dark'] {${dark}
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); }
body { margin: 0 auto; max-width: 1800px; padding: 22px 28px 28px; }
h1, h2, p, dl, dd { margin: 0; }
h1 { font-size: 22px; font-weight: 650; letter-spacing: -0.015em; line-height: 1.2; }
h2 { font-size: 13px; font-weight: 650; margin-bottom: 10px; }
.mono { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 0.92em; }
.quiet { color: var(--muted); }

header { display: flex; align-items: flex-start; gap: 24px; }
header > div:first-child { flex: 1; min-width: 0; }
.subject { color: var(--muted); margin-top: 5px; display: flex; flex-wrap: wrap; overflow: hidden; }
/* Dots that begin a line are cut off. */
.subject span { position: relative; left: -18px; padding-left: 18px; }
.subject span::before { content: '·'; position: absolute; left: 7px; }
.subject .mono { overflow-wrap: anywhere; }
.tools { display: flex; align-items: center; gap: 8px; }
.search { position: relative; }
input[type='search'] {
  font: inherit; color: inherit; background: var(--panel); width: 300px; max-width: 42vw;
  padding: 6px 64px 6px 10px; border: 1px solid var(--line); border-radius: 6px;
}
#search-count { position: absolute; right: 30px; top: 7px; color: var(--muted); pointer-events: none; }
button {
  font: inherit; color: inherit; background: var(--panel); padding: 6px 12px;
  border: 1px solid var(--line); border-radius: 6px; cursor: pointer;
}
button:hover { border-color: var(--muted); }
:focus-visible { outline: 2px solid var(--ahead); outline-offset: 1px; }

.figures {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(156px, 1fr));
  margin: 20px 0 18px; padding: 14px 0; gap: 14px 0; overflow: hidden;
  border-top: 1px solid var(--line); border-bottom: 1px solid var(--line);
}
/* Lines before the first column are cut off. */
.figures > div { margin-left: -19px; padding: 0 18px; border-left: 1px solid var(--line); }
.figures dt { color: var(--muted); font-size: 12px; }
.figures dd { font-size: 21px; font-weight: 600; letter-spacing: -0.015em; line-height: 1.35; white-space: nowrap; }
.figures p { color: var(--muted); font-size: 12px; font-weight: 400; letter-spacing: 0; line-height: 1.4; }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 20px; margin-bottom: 6px; font-size: 12px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 20px; padding: 0; margin: 0; list-style: none; }
.legend li, .bar label { display: flex; align-items: center; gap: 7px; }
.bar label { cursor: pointer; }
.bar label[hidden] { display: none; }
.bar label input { margin: 0; accent-color: var(--critical); }
.swatch { width: 18px; height: 12px; flex: none; }
.swatch.ahead { background: var(--ahead); }
.swatch.head { background: var(--head); }
.swatch.discarded {
  background: repeating-linear-gradient(-45deg, var(--discarded) 0 1.6px, var(--discarded-tint) 1.6px 4.2px);
  box-shadow: inset 0 0 0 1px var(--discarded);
}
.swatch.critical { height: 3px; background: var(--critical); }
.swatch.reads, .swatch.aborts, .swatch.waits { height: 0; border-top: 2px solid var(--reads); }
.swatch.aborts { border-color: var(--discarded); }
.swatch.waits { border-top-style: dashed; border-color: var(--waits); }
.keys { margin-left: auto; color: var(--muted); }
kbd {
  font: inherit; font-size: 11px; color: var(--ink); padding: 0 4px; margin-left: 8px;
  border: 1px solid var(--line); border-radius: 3px; background: var(--panel);
}
kbd + kbd { margin-left: 2px; }

canvas { display: block; width: 100%; cursor: grab; touch-action: pan-y; border-radius: 2px; }
canvas[hidden] { display: none; }
canvas.over-run { cursor: pointer; }
canvas.dragging { cursor: grabbing; }
.empty { padding: 48px 0; text-align: center; color: var(--muted); }

.panels { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 44px; margin-top: 22px; }
.panels > section { border-top: 1px solid var(--line); padding-top: 14px; min-width: 0; overflow-x: auto; }
@media (max-width: 900px) {
  .panels { grid-template-columns: minmax(0, 1fr); gap: 28px; }
  header { flex-direction: column; gap: 12px; }
  .keys { display: none; }
}
table { border-collapse: collapse; width: 100%; font-size: 12.5px; }
th { color: var(--muted); font-weight: 400; font-size: 12px; text-align: left; }
th, td { padding: 4px 14px 4px 0; vertical-align: top; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
td { border-top: 1px solid var(--line); }
.number { text-align: right; }
tr.link { cursor: pointer; }
tr.link:hover td { background: var(--timeline); }
td.conflict, div.conflict { color: var(--discarded); }
div.conflict { white-space: normal; font-size: 12px; margin-top: 2px; }
.meter {
  display: inline-block; width: 84px; height: 7px; margin-right: 10px; border-radius: 1px;
  background: linear-gradient(to left, var(--ahead) var(--share), transparent 0);
}
.count { display: inline-block; min-width: 2.2em; }
.outcome::before { content: ''; display: inline-block; width: 8px; height: 8px; margin-right: 7px; background: var(--ahead); }
.outcome.head::before { background: var(--head); }
.outcome.discarded::before { background: var(--discarded); }
.facts, .relations { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 14px; margin-bottom: 14px; }
.relations { margin: 14px 0 0; }
.facts dt, .relations dt { color: var(--muted); }
.facts dd { overflow-wrap: anywhere; }
.links { display: inline-flex; flex-wrap: wrap; gap: 4px; }
button.reference { padding: 0 6px; font-size: 12px; border-radius: 4px; min-width: 26px; }

#tooltip {
  position: fixed; z-index: 1; pointer-events: none; width: max-content; max-width: 380px;
  padding: 10px 13px; font-size: 12px; background: var(--panel); border: 1px solid var(--line);
  border-radius: 7px; box-shadow: var(--shadow);
}
#tooltip[hidden] { display: none; }
#tooltip dl { display: grid; grid-template-columns: max-content auto; gap: 1px 12px; margin-top: 6px; }
#tooltip dt { color: var(--muted); }
.tooltip-title { font-size: 13px; }
footer { margin-top: 26px; color: var(--muted); font-size: 12px; }
@media print { .tools, .keys, #tooltip { display: none; } }
`
