import type { Route } from '../platform/http/route.ts';

/** What routes are about, in the order in which somebody new to them asks. */
export const API_TAGS = [
  {
    name: 'Open interest',
    description: 'The board, history and samples of symbols, and which symbols are polled fast.',
  },
  { name: 'Alerts', description: 'Spikes and dumps of open interest.' },
  { name: 'Sign-in', description: 'A session cookie for an access token.' },
  { name: 'Ingest', description: 'What collectors post, and what they read back.' },
  { name: 'Operators', description: 'Whether open interest flows, and if not, where it stops.' },
  { name: 'Server', description: 'Whether it runs, and what it can be asked.' },
] as const;

type ApiTag = (typeof API_TAGS)[number]['name'];

/** Who may call a route says more of what it is for than its path does. */
export function tagOf({ access, path }: Pick<Route, 'access' | 'path'>): ApiTag {
  if (access === 'ingest') return 'Ingest';
  if (access === 'operator' || access === 'operatorOrAdmin') return 'Operators';
  if (path.startsWith('/api/open-interest-alerts')) return 'Alerts';
  if (path.startsWith('/api/session')) return 'Sign-in';
  return path.startsWith('/api/') ? 'Open interest' : 'Server';
}
