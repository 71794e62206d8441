import { useState, type ReactNode } from 'react';
import { notifyAccess } from '../alerts/notify.ts';
import type { View } from '../board/view.ts';
import type { Dashboard } from '../dashboard.ts';
import { useStore } from '../live/store.ts';
import { Dialog } from './Dialog.tsx';

/** What the viewer decides for this browser. */
export function SettingsDialog({ dashboard, onClose }: { dashboard: Dashboard; onClose: () => void }) {
  const settings = useStore(dashboard.settings);
  const view = useStore(dashboard.view);
  const change = dashboard.changeSettings;
  return (
    <Dialog title="Settings" onClose={onClose}>
      <div className="settings">
        <Choice
          label="Theme"
          value={settings.theme}
          options={{ dark: 'Dark', light: 'Light', system: 'System' }}
          onChange={(theme) => change({ theme })}
        />
        <Choice
          label="Colours of up and down"
          value={settings.palette}
          options={{ safe: 'Safe: blue, orange', classic: 'Classic: green, red' }}
          onChange={(palette) => change({ palette })}
        />
        <Choice
          label="Motion"
          value={settings.motion}
          options={{ system: 'As the system says', off: 'Off' }}
          onChange={(motion) => change({ motion })}
        />
        <Choice
          label="Clock"
          value={settings.zone}
          options={{ local: 'Local', utc: 'UTC' }}
          onChange={(zone) => change({ zone })}
        />
        <Choice
          label="Changes of"
          value={view.unit}
          options={{ contracts: 'Contracts', usd: 'USD' } satisfies Record<View['unit'], string>}
          onChange={(unit) => dashboard.view.change({ unit })}
        />
        <Choice
          label="Rows"
          value={settings.density}
          options={{ normal: 'Normal', compact: 'Compact' }}
          onChange={(density) => change({ density })}
        />
        <Row label="Single-key shortcuts">
          <label>
            <input
              type="checkbox"
              checked={settings.shortcuts}
              onChange={(event) => change({ shortcuts: event.target.checked })}
            />
            On
          </label>
        </Row>
        {dashboard.pro && (
          <>
            <SoundRows dashboard={dashboard} />
            <NotifyRow dashboard={dashboard} />
          </>
        )}
        <button type="button" className="button" onClick={dashboard.resetEverything}>
          Reset everything
        </button>
      </div>
    </Dialog>
  );
}

function SoundRows({ dashboard }: { dashboard: Dashboard }) {
  const { sound } = useStore(dashboard.settings);
  const blocked = useStore(dashboard.sound.blocked);
  const change = (given: Partial<typeof sound>): void =>
    dashboard.changeSettings({ sound: { ...sound, ...given } });

  function switchOn(on: boolean): void {
    change({ on });
    if (on) void dashboard.sound.test(sound);
  }

  return (
    <>
      <Row label="Alert sound">
        <label>
          <input type="checkbox" checked={sound.on} onChange={(event) => switchOn(event.target.checked)} />
          On
        </label>
        <label>
          <input
            type="checkbox"
            disabled={!sound.on}
            checked={sound.up}
            onChange={(event) => change({ up: event.target.checked })}
          />
          Spikes
        </label>
        <label>
          <input
            type="checkbox"
            disabled={!sound.on}
            checked={sound.down}
            onChange={(event) => change({ down: event.target.checked })}
          />
          Dumps
        </label>
      </Row>
      <Row label="Volume">
        <input
          type="range"
          min="0"
          max="100"
          step="1"
          aria-label="Volume"
          disabled={!sound.on}
          value={sound.volume}
          onChange={(event) => change({ volume: event.target.valueAsNumber })}
        />
        <span className="number">{sound.volume}</span>
        <button type="button" className="button small" disabled={!sound.on} onClick={() => switchOn(true)}>
          Test
        </button>
      </Row>
      {sound.on && blocked && (
        <p className="warn" role="alert">
          Sound is blocked by the browser.{' '}
          <button type="button" className="link" onClick={() => switchOn(true)}>
            Click to enable.
          </button>
        </p>
      )}
    </>
  );
}

function NotifyRow({ dashboard }: { dashboard: Dashboard }) {
  const { notify } = useStore(dashboard.settings);
  const [access, setAccess] = useState(notifyAccess);
  if (access === 'unsupported' || access === 'insecure') {
    const why = access === 'insecure' ? 'over https only' : 'not by this browser';
    return <Row label="Browser notifications">Supported {why}.</Row>;
  }

  // Not waited for: a prompt that is ignored never answers.
  function ask(): void {
    void Notification.requestPermission().then(setAccess, () => setAccess(notifyAccess()));
  }

  return (
    <>
      <Choice
        label="Notify me when this tab is in the background"
        value={notify}
        options={{ off: 'No', favourites: 'Favourites', all: 'All' }}
        onChange={(value) => dashboard.changeSettings({ notify: value })}
      />
      {notify !== 'off' && access === 'default' && (
        <p>
          The browser asks once whether this site may.{' '}
          <button type="button" className="button small" onClick={ask}>
            Allow
          </button>
        </p>
      )}
      {notify !== 'off' && access === 'denied' && (
        <p className="warn">
          Blocked in the browser. Allow notifications for this site in the address bar, then reload.
        </p>
      )}
    </>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="setting" role="group" aria-label={label}>
      <span className="setting-label">{label}</span>
      <span className="setting-value">{children}</span>
    </div>
  );
}

function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  options: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}) {
  return (
    <Row label={props.label}>
      {(Object.entries(props.options) as [Value, string][]).map(([value, text]) => (
        <label key={value}>
          <input
            type="radio"
            name={props.label}
            checked={props.value === value}
            onChange={() => props.onChange(value)}
          />
          {text}
        </label>
      ))}
    </Row>
  );
}
