import { formatAge, formatCount, formatCountOf, formatMoment } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import { curlOf, type Verdict } from './verdict.ts';
import type { RefusedPosts } from '../recorder/refusedRequests.ts';

/** What arrives. A node that receives nothing is healthy while another node commits samples: health is of the system. */
export function judgeIngest(facts: DoctorFacts): Verdict {
  const { ingest, board, now, startedAt, baseUrl } = facts;
  const { totals, lastAcceptedAt, windowSec } = ingest;
  const seenAt = latestOf(lastAcceptedAt, ingest.lastStoredAt);
  const debug = curlOf(`${baseUrl}/api/market/open-interest/debug`);
  const trouble = describeTrouble(facts, seenAt);
  const next = trouble.next ?? debug;
  if (seenAt === null) {
    return {
      finding: [`no chunk accepted since the start ${formatAge(now - startedAt)} ago`, ...trouble.says].join(
        ', ',
      ),
      state: trouble.says.length > 0 ? 'BROKEN' : 'WAITING',
      next,
    };
  }
  const silenceMs = now - seenAt;
  if (silenceMs > board.pace.lateMs) {
    return {
      finding: [`no chunk accepted for ${formatAge(silenceMs)}`, ...trouble.says].join(', '),
      state: silenceMs > board.pace.brokenMs ? 'BROKEN' : 'LATE',
      next,
    };
  }
  const accepted = totals.inserted + totals.duplicates;
  const here =
    totals.chunks === 0
      ? lastAcceptedAt === null || lastAcceptedAt < seenAt
        ? `no chunk here, another node stored one ${formatAge(silenceMs)} ago`
        : `last chunk ${formatAge(silenceMs)} ago`
      : `${totals.chunks - totals.refusedChunks}/${totals.chunks} chunks in ${windowSec}s, ` +
        `${formatCount(totals.received)} received, ${formatCount(accepted)} accepted`;
  const finding = [
    here,
    ...(totals.rejected > 0 ? [`${formatCount(totals.rejected)} refused`] : []),
    ...describeLastRefusal(facts, now - windowSec * 1_000),
    ...trouble.posts,
  ].join(', ');
  if (totals.refusedChunks > 0 || totals.rejected > 0 || trouble.isOurs) {
    return { finding, state: 'DEGRADED', next };
  }
  return { finding, state: 'ok' };
}

/** Possible reasons why nothing is accepted. */
function describeTrouble(
  { ingest }: DoctorFacts,
  seenAt: number | null,
): { says: string[]; posts: string[]; isOurs: boolean; next: string | undefined } {
  const { lastRefusal, windowSec } = ingest;
  // Senders with a valid key first: anyone can post without one.
  const refusedPosts = ingest.refusedPosts.toSorted(
    (a, b) => Number(a.keyId === null) - Number(b.keyId === null),
  );
  const posts = refusedPosts.slice(0, MOST_SENDERS).map((it) => describePosts(it, windowSec));
  const isRefused = lastRefusal !== null && lastRefusal.at > (seenAt ?? -Infinity);
  const refusal = isRefused
    ? [
        `last refused with ${[lastRefusal.status, lastRefusal.reason, inBrackets(lastRefusal.detail)].filter(Boolean).join(' ')}`,
      ]
    : [];
  const worst = refusedPosts[0];
  return {
    says: [...refusal, ...posts],
    posts,
    isOurs: refusedPosts.some((it) => it.keyId !== null),
    next: worst && REMEDIES[worst.status],
  };
}

/** While chunks are accepted: why some recent ones, or some of their items, were not. */
function describeLastRefusal({ ingest }: DoctorFacts, since: number): string[] {
  const { lastRefusal, totals } = ingest;
  if (lastRefusal === null || lastRefusal.at < since || totals.refusedChunks === 0) {
    return ingest.lastRejection === null ? [] : [`last for ${ingest.lastRejection}`];
  }
  const detail = lastRefusal.detail ?? lastRefusal.reason ?? '';
  return [`last refused with ${lastRefusal.status} ${detail}`.trimEnd()];
}

const MOST_SENDERS = 2;

/** `17 posts in 60s got 429 (limit 24 a minute) from 10.0.0.5 with key 0f3a…` */
export function describePosts(it: RefusedPosts, windowSec: number): string {
  const why = it.limit === null ? ` ${it.code}` : ` (limit ${formatCount(it.limit)} a minute)`;
  const key = it.keyId === null ? '' : ` with key ${it.keyId}`;
  const count = `${formatCountOf(it.posts, 'post')} in ${windowSec}s`;
  return `${count} got ${it.status}${why} from ${it.address}${key} since ${formatMoment(it.since, it.lastAt)}`;
}

/** By status: what to do about the sender. */
export const REMEDIES: Readonly<Record<number, string>> = {
  400: 'fix what that sender posts; the response names the fault',
  401: 'configure a key of INGEST_API_KEYS at that sender, or add its key there and restart the nodes',
  403: 'configure a key of INGEST_API_KEYS at that sender; its key has another scope',
  413: 'reduce the chunks of that sender to 500 items',
  415: 'set Content-Type: application/json at that sender',
  429: 'enlarge the chunks of that sender, up to 500 items, or raise INGEST_RATE_LIMIT_PER_MIN and restart the nodes',
};

function inBrackets(text: string | null): string | null {
  return text === null ? null : `(${text})`;
}

function latestOf(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
