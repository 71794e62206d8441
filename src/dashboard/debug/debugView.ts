import type {
  DebugBody,
  GapView,
  IngestRequestView,
  UniverseMemberView,
} from '../../openInterest/operator/debug/debug.types.ts';

const CHOICES = {
  universe: [
    'all',
    'silent',
    'late',
    'stale',
    'unsampled',
    'near-exit',
    'missing-posted',
    'missing-accepted',
    'missing-stored',
    'missing-broadcast',
    'journal',
  ],
  values: ['all', 'changed'],
  requests: ['all', 'errors', 'rejected'],
  collectors: ['all', 'trouble'],
  gaps: ['all', 'open'],
  alerts: ['all', 'up', 'down'],
  stages: ['all', 'trouble'],
} as const;

export type UniverseFilter = (typeof CHOICES.universe)[number];
export type DebugPanel = keyof typeof CHOICES;
/** What of the page is shown: every count on it is a link to one of these. */
export type DebugView = { [Panel in DebugPanel]: (typeof CHOICES)[Panel][number] } & {
  /** Part of a symbol's name; narrows the universe and the values. */
  query: string;
};

const PANELS = Object.keys(CHOICES) as DebugPanel[];
const LONGEST_QUERY = 64;

/** Unknown keys are ignored and bad values fall back, so that an old link still opens the page. */
export function readDebugView(search: string): DebugView {
  const params = new URLSearchParams(search);
  const view: Record<string, string> = { query: (params.get('q') ?? '').slice(0, LONGEST_QUERY) };
  for (const panel of PANELS) {
    const given = params.get(panel);
    view[panel] = CHOICES[panel].find((it) => it === given) ?? 'all';
  }
  return view as DebugView;
}

/** With its `?`, or empty where everything is shown. */
export function writeDebugView(view: DebugView): string {
  const params = new URLSearchParams();
  for (const panel of PANELS) if (view[panel] !== 'all') params.set(panel, view[panel]);
  if (view.query !== '') params.set('q', view.query);
  const query = params.toString();
  return query === '' ? '' : `?${query}`;
}

export function selectMembers(
  members: DebugBody['universe']['members'],
  view: DebugView,
): UniverseMemberView[] {
  return members.filter((it) => isShown(it, view.universe) && matches(it.symbol, view.query));
}

export function selectRequests(requests: readonly IngestRequestView[], view: DebugView): IngestRequestView[] {
  if (view.requests === 'errors') return requests.filter((it) => it.status >= 400);
  if (view.requests === 'rejected') return requests.filter((it) => it.rejected > 0);
  return [...requests];
}

export function selectGaps(gaps: readonly GapView[], view: DebugView): GapView[] {
  return view.gaps === 'open' ? gaps.filter((it) => it.to === null) : [...gaps];
}

/** Substring of the symbol, whatever the case; blanks separate what has to be there. */
export function matches(symbol: string, query: string): boolean {
  const name = symbol.toUpperCase();
  return query
    .toUpperCase()
    .split(/\s+/)
    .every((part) => name.includes(part));
}

function isShown(member: UniverseMemberView, filter: UniverseFilter): boolean {
  if (filter === 'all' || filter === 'journal') return true;
  if (filter === 'silent') return member.state !== 'live';
  if (filter === 'near-exit') return member.nearExit;
  return member.state === filter || `missing-${member.missingAt}` === filter;
}
