import {
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useRef,
  useState,
  type ReactNode,
  type Ref,
  type RefObject,
} from 'react';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/columns.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { Button } from '../shell/Button.tsx';
import type { ClockZone } from '../timeOfDay.ts';
import type { ChartValues } from './chartValues.ts';
import type { ChartStyle, MarkedFiring } from './history.ts';
import { createLiveChart, type LiveChart } from './liveChart.ts';

type Props = {
  history: HistoryBody;
  row: HeldRow | null;
  style: ChartStyle;
  unit: ChangeUnit;
  zone: ClockZone;
  /** Changes with the theme: the canvas reads its colours from the page. */
  look: string;
  summary: string;
  firings: readonly MarkedFiring[];
  highlighted: string | null;
  onNewest: (values: ChartValues) => void;
  onCrosshair: (at: ChartValues | null) => void;
  onSilence?: (() => void) | undefined;
  shown: Ref<Pick<LiveChart, 'readShown'>>;
  /** Beside the zoom. */
  children: ReactNode;
};

/** Open interest and price on a canvas, drawn by `liveChart.ts`. */
export function OiChart(props: Props) {
  const { history, row, style, unit, zone, look, firings, highlighted, onNewest, onCrosshair } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<LiveChart>(null);
  const zoomed = useRef<{ of: string; range: ReturnType<LiveChart['zoom']['read']> }>(null);
  const [isBehind, setIsBehind] = useState(false);
  const [isZoomed, setIsZoomed] = useState(false);
  const onSilence = useEffectEvent(() => props.onSilence?.());
  useImperativeHandle(props.shown, () => ({ readShown: () => chart.current?.readShown() ?? [] }), []);

  useEffect(() => {
    if (!place.current) return;
    const made = createLiveChart(place.current, {
      history,
      style,
      unit,
      zone,
      onNewest,
      onCrosshair,
      onBehind: setIsBehind,
      onZoom: setIsZoomed,
      onSilence: () => onSilence(),
    });
    chart.current = made;
    // The same history drawn again, or read again, is looked at where it was.
    const of = `${history.symbol} ${history.range}`;
    made.zoom.restore(zoomed.current?.of === of ? zoomed.current.range : null);
    return () => {
      zoomed.current = { of, range: made.zoom.read() };
      chart.current = null;
      made.remove();
    };
    // Drawn again with the theme, whose colours the page knows.
  }, [history, style, unit, zone, look, onNewest, onCrosshair]);

  const revealed = useRef(highlighted);
  useEffect(() => {
    const time = chart.current?.setMarkers(firings, highlighted);
    // A zoomed chart follows the viewer's choice, and stays where it is when it is only drawn again.
    if (time !== undefined && highlighted !== revealed.current) chart.current?.zoom.reveal(time);
    revealed.current = highlighted;
  }, [history, style, unit, zone, look, firings, highlighted]);

  useEffect(() => {
    if (row) chart.current?.append(row);
  }, [history, row, unit]);

  return (
    <>
      <div className="legend-line">
        {props.children}
        <ZoomButtons chart={chart} isBehind={isBehind} isZoomed={isZoomed} />
      </div>
      <div className="chart-frame">
        <div ref={place} className="chart" role="img" aria-label={props.summary} tabIndex={0} />
      </div>
    </>
  );
}

function ZoomButtons(props: { chart: RefObject<LiveChart | null>; isBehind: boolean; isZoomed: boolean }) {
  const { chart, isBehind, isZoomed } = props;
  return (
    <div className="chart-zoom" role="group" aria-label="Zoom">
      {isBehind && <ZoomButton onClick={() => chart.current?.jumpToNow()} text="Jump to now" />}
      {isZoomed && <ZoomButton onClick={() => chart.current?.zoom.reset()} text="Reset zoom" />}
      <ZoomButton onClick={() => chart.current?.zoom.by(2)} text="−" name="Zoom out" />
      <ZoomButton onClick={() => chart.current?.zoom.by(0.5)} text="+" name="Zoom in" />
    </div>
  );
}

function ZoomButton({ onClick, text, name = text }: { onClick: () => void; text: string; name?: string }) {
  return (
    <Button className="small" aria-label={name} onClick={onClick}>
      {text}
    </Button>
  );
}
