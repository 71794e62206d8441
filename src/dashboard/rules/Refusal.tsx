import { ApiError } from '../live/api.ts';

/** What the server refused, field by field. */
export function Refusal({ thrown }: { thrown: unknown }) {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const details = thrown instanceof ApiError ? thrown.details : [];
  return (
    <div className="rule-refusal" role="alert">
      <p>{details.length > 0 ? 'Please correct:' : `${message}.`}</p>
      {details.length > 0 && (
        <ul>
          {details.map((it) => (
            <li key={`${it.path} ${it.message}`}>
              <b>{FIELD_NAMES[it.path.replace(/^rule\./, '').split('.')[0] ?? ''] ?? it.path}</b>:{' '}
              {it.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** How the form names the fields of a rule. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  name: 'Name',
  symbols: 'Symbols',
  thresholdPct: 'Change of open interest',
  leastUsd: 'Least change in USD',
  price: 'Price',
  funding: 'Funding',
  leastVolume24h: '24 h volume',
  leastUnusual: 'Unusual',
  settings: 'Address',
  cooldownMin: 'Cooldown',
  rearmShare: 'Armed again',
  escalationPct: 'Again if larger',
  quietHours: 'Quiet hours',
  channelIds: 'Channels',
};
