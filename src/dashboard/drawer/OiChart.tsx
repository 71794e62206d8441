import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/view.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import type { ClockZone } from '../timeOfDay.ts';
import { createLiveChart, type Crosshair, type LiveChart } from './liveChart.ts';

/** Open interest and price on a canvas, drawn by `liveChart.ts`. */
export function OiChart(props: {
  history: HistoryBody;
  row: HeldRow | null;
  unit: ChangeUnit;
  zone: ClockZone;
  /** Changes with the theme: the canvas reads its colours from the page. */
  look: string;
  summary: string;
  highlighted: string | null;
  onCrosshair: (at: Crosshair) => void;
  onSilence: () => void;
}) {
  const { history, row, unit, zone, look, highlighted, onCrosshair } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<LiveChart>(null);
  const [isBehind, setIsBehind] = useState(false);
  const onSilence = useEffectEvent(() => props.onSilence());

  useEffect(() => {
    if (!place.current) return;
    const made = createLiveChart(place.current, {
      history,
      unit,
      zone,
      onCrosshair,
      onBehind: setIsBehind,
      onSilence: () => onSilence(),
    });
    chart.current = made;
    return () => {
      chart.current = null;
      made.remove();
    };
    // Drawn again with the theme, whose colours the page knows.
  }, [history, unit, zone, look, onCrosshair]);

  useEffect(() => chart.current?.highlight(highlighted), [history, unit, zone, look, highlighted]);

  useEffect(() => {
    if (row) chart.current?.append(row);
  }, [history, row, unit]);

  return (
    <div className="chart-frame">
      <div ref={place} className="chart" role="img" aria-label={props.summary} tabIndex={0} />
      {isBehind && (
        <button type="button" className="button small chart-now" onClick={() => chart.current?.jumpToNow()}>
          Jump to now
        </button>
      )}
    </div>
  );
}
