import { ApiError } from '../live/api.ts';

/** What the server refused, field by field. */
export function Refusal({ thrown }: { thrown: unknown }) {
  const details = thrown instanceof ApiError ? thrown.details : [];
  return (
    <div className="rule-refusal" role="alert">
      <p>{details.length > 0 ? 'Please correct:' : `${describeFailure(thrown)}.`}</p>
      {details.length > 0 && (
        <ul>
          {details.map((it) => (
            <li key={`${it.path} ${it.message}`}>
              <b>{fieldName(it.path)}</b>: {it.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Without a full stop. The server's words for an outdated version are those of HTTP. */
export function describeFailure(thrown: unknown): string {
  if (isStatus(thrown, 412)) return 'The rule was changed elsewhere since it was read here';
  if (isStatus(thrown, 404)) return 'It was deleted elsewhere';
  return thrown instanceof Error ? thrown.message.replace(/\.$/, '') : String(thrown);
}

export function isStatus(thrown: unknown, ...statuses: number[]): boolean {
  return thrown instanceof ApiError && thrown.status !== null && statuses.includes(thrown.status);
}

/** The name in the form of `rule.funding.min`, `symbols[0]` or `settings.url`. */
function fieldName(path: string): string {
  const parts = path.replace(/^(rule|settings)\./, '').split(/[.[]/);
  return FIELD_NAMES[parts[0]!] ?? path;
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  name: 'Name',
  symbols: 'Symbols',
  thresholdPct: 'Change of open interest',
  leastUsd: 'Least change in USD',
  price: 'Price',
  funding: 'Funding',
  leastVolume24h: '24 h volume',
  leastUnusual: 'Unusual',
  url: 'Address',
  token: 'Bot token',
  chat: 'Chat',
  cooldownMin: 'Cooldown',
  rearmShare: 'Armed again',
  escalationPct: 'Again if larger',
  quietHours: 'Quiet hours',
  channelIds: 'Channels',
};
