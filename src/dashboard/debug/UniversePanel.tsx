import { useDeferredValue } from 'react';
import { formatAge, formatCount, formatEvery, formatUsd, UNKNOWN } from '../../kit/format.shared.ts';
import type { DebugBody, UniverseMemberView } from '../../openInterest/operator/debug/debug.types.ts';
import { SymbolName } from '../board/SymbolName.tsx';
import { formatIso, formatSince } from '../timeOfDay.ts';
import { Icon } from '../shell/Icon.tsx';
import { selectMembers } from './debugView.ts';
import { FilterChip, Nothing, Panel, ViewLink } from './Panel.tsx';
import { useDebugView, useServerNow, useZone } from './useConsole.ts';
import { VirtualRows } from './VirtualRows.tsx';

/** The symbols that are polled fast: which are about to leave, and which are missing at which stage. */
export function UniversePanel({ universe }: { universe: DebugBody['universe'] }) {
  const now = useServerNow();
  const { view } = useDebugView();
  const query = useDeferredValue(view.query);
  const shown = selectMembers(universe.members, { ...view, query });

  return (
    <Panel
      id="universe"
      title="Liquid universe"
      count={formatCount(universe.total)}
      all={{ universe: 'all', query: '' }}
      aside={<FilterChip panel="universe" />}
    >
      <Thresholds universe={universe} />
      <Tools universe={universe} />
      {view.universe === 'journal' ? (
        <Journal journal={universe.journal} query={query} now={now} />
      ) : shown.length === 0 ? (
        <Nothing>
          {universe.total === 0 ? 'No symbols yet: the universe job has not run.' : 'No symbol matches.'}
        </Nothing>
      ) : (
        <VirtualRows
          label={`${formatCount(shown.length)} symbols of the liquid universe`}
          items={shown}
          keyOf={(it) => it.symbol}
          render={(it) => <Member member={it} now={now} />}
        />
      )}
    </Panel>
  );
}

function Thresholds({ universe: { thresholds, updatedAt } }: { universe: DebugBody['universe'] }) {
  const now = useServerNow();
  return (
    <p className="muted">
      {thresholds
        ? `enter ${formatUsd(thresholds.enter)} · exit ${formatUsd(thresholds.exit)}`
        : 'no thresholds yet'}
      {updatedAt !== null && (
        <span title={formatIso(updatedAt)}> · updated {formatAge(now - updatedAt)} ago</span>
      )}
    </p>
  );
}

/** Search, and the counts that filter the list. */
function Tools({ universe: { members, last24h } }: { universe: DebugBody['universe'] }) {
  const { view, change } = useDebugView();
  const nearExit = members.filter((it) => it.nearExit).length;
  const silent = members.filter((it) => it.state !== 'live').length;
  return (
    <div className="panel-tools">
      <label className="search">
        <Icon name="search" />
        <span className="sr-only">Filter symbols</span>
        <input
          type="search"
          value={view.query}
          placeholder="Filter"
          onChange={(event) => change({ query: event.target.value.slice(0, 64) })}
        />
      </label>
      <ViewLink
        shows={{ universe: 'journal' }}
        panel="universe"
        title="What entered and left in the last 24 hours"
      >
        {last24h ? `+${formatCount(last24h.entered)} −${formatCount(last24h.left)} in 24h` : 'journal'}
      </ViewLink>
      {nearExit > 0 && (
        <ViewLink shows={{ universe: 'near-exit' }} panel="universe" className="warn">
          {formatCount(nearExit)} near exit
        </ViewLink>
      )}
      {silent > 0 && (
        <ViewLink shows={{ universe: 'silent' }} panel="universe" className="warn">
          {formatCount(silent)} not live
        </ViewLink>
      )}
    </div>
  );
}

function Member({ member, now }: { member: UniverseMemberView; now: number }) {
  const zone = useZone();
  const { symbol, everySec, state, missingAt } = member;
  const flagged = member.nearExit || state !== 'live' || missingAt !== null;
  return (
    <span className={`member ${flagged ? 'is-flagged' : ''}`} data-symbol={symbol}>
      <SymbolName symbol={symbol} />
      <span className="num">{formatUsd(member.quoteVolume24h)}</span>
      <span className="muted member-since" title={`Entered ${formatIso(member.enteredAt)}`}>
        since {formatSince(member.enteredAt, now, zone)}
      </span>
      <span className="muted">{everySec === null ? UNKNOWN : `every ${formatEvery(everySec)}`}</span>
      <span className="member-flags">
        {member.nearExit && (
          <Flag word="near exit" title="Its volume is within a fifth above the exit threshold" />
        )}
        {state !== 'live' && (
          <Flag
            word={state === 'unsampled' ? 'no sample' : state}
            title={member.ts === null ? 'Never sampled' : `Last sample ${formatIso(member.ts)}`}
          />
        )}
        {missingAt !== null && (
          <Flag word={`not ${missingAt}`} title="The first stage that it did not reach" />
        )}
      </span>
    </span>
  );
}

function Flag({ word, title }: { word: string; title: string }) {
  return (
    <span className="flag warn" title={title}>
      <Icon name="warn" />
      {word}
    </span>
  );
}

function Journal(props: { journal: DebugBody['universe']['journal']; query: string; now: number }) {
  const { journal, query, now } = props;
  const zone = useZone();
  if (journal === null) return <Nothing>The journal cannot be read: the database does not answer.</Nothing>;
  const shown = journal.filter((it) => it.symbol.includes(query.toUpperCase().trim()));
  if (shown.length === 0) return <Nothing>Nothing entered or left.</Nothing>;
  return (
    <VirtualRows
      label={`The last ${shown.length} changes of the universe`}
      items={shown}
      keyOf={(it) => `${it.at} ${it.symbol} ${it.event}`}
      render={(it) => (
        <span className="member journal-entry">
          <span className={it.event === 'entered' ? 'up' : 'down'}>{it.event === 'entered' ? '+' : '−'}</span>
          <SymbolName symbol={it.symbol} />
          <span className="num">{formatUsd(it.quoteVolume24h)}</span>
          <span className="muted" title={it.at}>
            {formatSince(Date.parse(it.at), now, zone)}
          </span>
          <span className="muted cut" title={it.reason}>
            {it.reason}
          </span>
        </span>
      )}
    />
  );
}
