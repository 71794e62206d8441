import type { Route } from '../platform/http/route.ts';

/** In the order of the document. */
export const API_TAGS = [
  {
    name: 'Open interest',
    description: 'The board, history and samples of symbols, and which symbols are polled fast.',
  },
  { name: 'Alerts', description: 'Spikes and dumps of open interest.' },
  {
    name: 'Alert rules',
    description: 'The rules of users, what they fired, and what they would have fired.',
  },
  { name: 'Alert channels', description: 'Where the alerts of users are sent, and what was sent.' },
  { name: 'Sign-in', description: 'A session cookie for an access token.' },
  { name: 'Ingest', description: 'Routes for collectors.' },
  { name: 'Operators', description: 'Whether data flows, and where it stops.' },
  { name: 'Server', description: 'Health and documentation.' },
] as const;

type ApiTag = (typeof API_TAGS)[number]['name'];

/** By access first, which says more about the purpose than the path. */
export function tagOf({ access, path }: Pick<Route, 'access' | 'path'>): ApiTag {
  if (access === 'ingest') return 'Ingest';
  if (access === 'operator' || access === 'operatorOrAdmin') return 'Operators';
  if (path.startsWith('/api/open-interest-alerts')) return 'Alerts';
  if (path.startsWith('/api/alert-rules') || path.startsWith('/api/alert-firings')) return 'Alert rules';
  if (path.startsWith('/api/alert-channels') || path.startsWith('/api/alert-deliveries')) {
    return 'Alert channels';
  }
  if (path.startsWith('/api/session')) return 'Sign-in';
  return path.startsWith('/api/') ? 'Open interest' : 'Server';
}
