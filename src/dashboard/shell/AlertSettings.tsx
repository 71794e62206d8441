import { useState } from 'react';
import { useStore } from 'zustand';
import { notifyAccess, type NotifyAccess } from '../alerts/notify.ts';
import { Button, TextButton } from './Button.tsx';
import { Check, Choice, SettingRow } from './SettingRow.tsx';
import type { Settings } from './settings.ts';
import { useDashboard, useSettings } from './useDashboard.ts';

/** How alerts are heard, and how they reach the viewer outside the page. */
export function AlertSettings() {
  return (
    <>
      <SoundSettings />
      <NotifySettings />
    </>
  );
}

function SoundSettings() {
  const { preferences, sound: player } = useDashboard();
  const sound = useSettings((it) => it.sound);
  const blocked = useStore(player.store, (it) => it.blocked);
  const change = (given: Partial<Settings['sound']>): void =>
    preferences.change({ sound: { ...sound, ...given } });

  function switchOn(on: boolean): void {
    change({ on });
    if (on) void player.test(sound);
  }

  return (
    <>
      <SettingRow label="Alert sound">
        <Check label="On" checked={sound.on} onChange={switchOn} />
        <Check label="Spikes" disabled={!sound.on} checked={sound.up} onChange={(up) => change({ up })} />
        <Check
          label="Dumps"
          disabled={!sound.on}
          checked={sound.down}
          onChange={(down) => change({ down })}
        />
      </SettingRow>
      <SettingRow label="Volume">
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
        <Button className="small" disabled={!sound.on} onClick={() => switchOn(true)}>
          Test
        </Button>
      </SettingRow>
      {sound.on && blocked && (
        <p className="warn" role="alert">
          Sound is blocked by the browser.{' '}
          <TextButton onClick={() => switchOn(true)}>Click to enable.</TextButton>
        </p>
      )}
    </>
  );
}

function NotifySettings() {
  const { preferences } = useDashboard();
  const notify = useSettings((it) => it.notify);
  const [access, setAccess] = useState(notifyAccess);
  if (access === 'unsupported' || access === 'insecure') {
    const text = access === 'insecure' ? 'Supported over https only.' : 'Not supported by this browser.';
    return <SettingRow label="Browser notifications">{text}</SettingRow>;
  }
  return (
    <>
      <Choice
        label="Notify me when this tab is in the background"
        value={notify}
        options={{ off: 'No', favourites: 'Favourites', all: 'All' }}
        onChange={(value) => preferences.change({ notify: value })}
      />
      <p className="muted">
        With all tabs closed, your own rules still ring: add this browser under{' '}
        <a href="/alerts">Alert rules</a>.
      </p>
      {notify !== 'off' && access === 'default' && <AskAccess onAnswer={setAccess} />}
      {notify !== 'off' && access === 'denied' && (
        <p className="warn">
          Blocked in the browser. Allow notifications for this site in the address bar, then reload.
        </p>
      )}
    </>
  );
}

function AskAccess({ onAnswer }: { onAnswer: (access: NotifyAccess) => void }) {
  // Not awaited: the promise of an ignored prompt never settles.
  function ask(): void {
    void Notification.requestPermission().then(onAnswer, () => onAnswer(notifyAccess()));
  }
  return (
    <p>
      The browser asks once for permission.{' '}
      <Button className="small" onClick={ask}>
        Allow
      </Button>
    </p>
  );
}
