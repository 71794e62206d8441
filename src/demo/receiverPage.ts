import { formatChange, formatUsdChange, UNKNOWN } from '../kit/format.shared.ts';
import { parseJson } from '../kit/parseJson.ts';
import type { Firing } from '../openInterest/delivery/firing.types.ts';

/** A request of the server. `times`: how often it arrived. */
export type Arrival = { at: number; id: string; body: string; times: number };

type Body = { type?: string; data?: Partial<Firing> };

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d3dae2, #243040); --muted: light-dark(#55616e, #9aa7b4);
  --up: light-dark(#005fb8, #58b4ff); --down: light-dark(#a84300, #ffa24c); --new: light-dark(#5b34c9, #b79cff) }
body { margin: 0 auto; max-width: 1200px; padding: 24px 16px; font: 14px/1.45 system-ui, sans-serif;
  color: light-dark(#10161d, #e6edf3); background: light-dark(#ffffff, #0b0f14); font-variant-numeric: tabular-nums }
h1 { margin: 0 0 4px; font-size: 20px }
p { margin: 0 0 12px; color: var(--muted) }
#state { color: inherit; font-weight: 600 }
a { color: var(--up) }
div { overflow-x: auto }
table { width: 100%; border-collapse: collapse }
th, td { padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; white-space: nowrap }
th, small { color: var(--muted); font-weight: 400; font-size: 12px }
td b { font-weight: 600 }
.up { color: var(--up) } .down { color: var(--down) }
summary { cursor: pointer; min-height: 24px }
pre { margin: 4px 0 0; max-height: 320px; overflow: auto; font-size: 12px }
@media (prefers-reduced-motion: no-preference) { @keyframes fresh { from { background: color-mix(in srgb, var(--new) 30%, transparent) } }
  tr.is-new { animation: fresh 3s } }
`;

/** Puts what has arrived on top, so that an opened body stays open. */
const SCRIPT = `
setInterval(async () => {
  const state = document.querySelector('#state');
  try {
    const fresh = new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html');
    const rows = document.querySelector('tbody');
    const held = new Set([...rows.children].map((it) => it.dataset.id));
    for (const row of [...fresh.querySelectorAll('tbody tr')].reverse()) {
      if (held.has(row.dataset.id)) continue;
      row.className = 'is-new';
      rows.prepend(row);
    }
    const text = fresh.querySelector('#state').textContent;
    if (state.textContent !== text) state.textContent = text;
  } catch {
    state.textContent = 'The demo has ended; this is what arrived before.';
  }
}, 2000);
`;

/** What the receiver shows at `/`, the newest first. `rulesUrl`: where the rules can be changed. */
export function renderReceived(arrivals: readonly Arrival[], rulesUrl: string | null): string {
  const [newest] = arrivals;
  const state =
    newest === undefined
      ? 'Nothing has arrived yet; the first alert takes two minutes at most.'
      : `The newest alert arrived at ${clock(newest.at)} UTC.`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Receiver of alerts</title>
<style>${STYLE}</style>
<h1>Receiver of alerts</h1>
<p>A webhook as you would write one. The demo’s server posts here what the rules of demo-pro fire; each signature is verified,
and a repeat of an alert is shown once.${rulesUrl === null ? '' : ` <a href="${escapeHtml(rulesUrl)}">Change the rules</a>`}</p>
<p id="state" role="status">${state}</p>
<div tabindex="0" role="region" aria-label="Alerts, newest first">
<table>
<thead><tr><th>Arrived, UTC</th><th>Symbol</th><th>Change of open interest</th><th>Rule</th><th>Type</th><th>Request</th></tr></thead>
<tbody>
${arrivals.map(renderRow).join('\n')}
</tbody>
</table>
</div>
<script>${SCRIPT}</script>
</html>
`;
}

function renderRow({ at, id, body, times }: Arrival): string {
  const { type, data = {} } = (parseJson(body) ?? {}) as Body;
  const { changePct, changeUsd } = data.evidence ?? {};
  const isUp = data.direction === 'up';
  const size = `${isUp ? '▲' : '▼'} ${formatChange(changePct === undefined ? null : changePct * 100)}`;
  const cells = [
    clock(at),
    `<b>${escapeHtml(data.symbol ?? UNKNOWN)}</b>`,
    `<b class="${isUp ? 'up' : 'down'}">${size}</b> in ${escapeHtml(data.window ?? UNKNOWN)}, ${formatUsdChange(changeUsd)}`,
    escapeHtml(data.ruleName ?? UNKNOWN),
    escapeHtml(type ?? UNKNOWN),
    `<details><summary>Body</summary><small>webhook-id ${escapeHtml(id)}${times === 1 ? '' : `, arrived ${times} times`}</small><pre>${escapeHtml(JSON.stringify(parseJson(body), null, 2))}</pre></details>`,
  ];
  return `<tr data-id="${escapeHtml(id)}">${cells.map((it) => `<td>${it}</td>`).join('')}</tr>`;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
