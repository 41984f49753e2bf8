"""The style sheet of reports: light and dark, wide screens and phones, and print."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #5b636e; --line: #dfe3e8;
  --model: #0072b2; --other: #aeb6c1; --best: #e3f0f9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1d2127; --ink: #e8eaed; --soft: #a3abb6; --line: #333a43;
    --model: #56b4e9; --other: #596270; --best: #17344a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; }
h3 { font-size: 1.02rem; margin: 0 0 .25rem; }
p { margin: 0 0 .75rem; }
.soft { color: var(--soft); }
.small { font-size: .85rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: 0 0 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; margin: 0 0 1.25rem; }
.tiles .card { margin: 0; }
.big { font-size: 1.8rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.bars {
  display: grid; grid-template-columns: max-content 1fr max-content; gap: .2rem .5rem; align-items: center;
  font-size: .82rem; margin-top: .5rem; font-variant-numeric: tabular-nums;
}
.bar { display: block; height: .6rem; min-width: 1px; background: var(--other); border-radius: .2rem; }
.bar.model { background: var(--model); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
.best { background: var(--best); font-weight: 650; }
.word { overflow-wrap: anywhere; }
figure { margin: 0 0 1.25rem; }
figcaption { margin: 0 0 .6rem; color: var(--soft); }
.picture { overflow-x: auto; background: #ffffff; border-radius: .4rem; padding: .4rem; }
.picture img { display: block; width: 100%; min-width: 36rem; height: auto; }
details summary { cursor: pointer; padding: .25rem 0; }
dl { margin: 0; }
dt { font-weight: 600; }
dd { margin: 0 0 .5rem; }
@media print {
  .card, figure { break-inside: avoid; }
  .picture img { min-width: 0; }
}
"""
