import { useState } from 'react';
import { formatCountOf } from '../../kit/format.shared.ts';
import { AlertSettings } from './AlertSettings.tsx';
import { Button, TextButton } from './Button.tsx';
import { Dialog } from './Dialog.tsx';
import type { Preferences } from './preferences.store.ts';
import { Check, Choice, SettingRow } from './SettingRow.tsx';
import { useDashboard, useFavourites, useSettings, useView } from './useDashboard.ts';

/** The viewer's choices, kept in this browser. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { pro } = useDashboard();
  return (
    <Dialog title="Settings" onClose={onClose}>
      <div className="settings">
        <LookSettings />
        <TableSettings />
        {pro && <AlertSettings />}
        <Reset />
      </div>
    </Dialog>
  );
}

function LookSettings() {
  const { change } = useDashboard().preferences;
  const settings = useSettings((it) => it);
  return (
    <>
      <Choice
        label="Theme"
        value={settings.theme}
        options={{ dark: 'Dark', light: 'Light', system: 'System' }}
        onChange={(theme) => change({ theme })}
      />
      <Choice
        label="Up and down colours"
        value={settings.palette}
        options={{ safe: 'Safe: blue, orange', classic: 'Classic: green, red' }}
        onChange={(palette) => change({ palette })}
      />
      <Choice
        label="Motion"
        value={settings.motion}
        options={{ system: 'Follow system', off: 'Off' }}
        onChange={(motion) => change({ motion })}
      />
      <Choice
        label="Clock"
        value={settings.zone}
        options={{ local: 'Local', utc: 'UTC' }}
        onChange={(zone) => change({ zone })}
      />
    </>
  );
}

function TableSettings() {
  const { preferences, view } = useDashboard();
  const settings = useSettings((it) => it);
  const unit = useView((it) => it.unit);
  return (
    <>
      <Choice
        label="Changes in"
        value={unit}
        options={{ contracts: 'Contracts', usd: 'USD' }}
        onChange={(chosen) => view.change({ unit: chosen })}
      />
      <Choice
        label="Row height"
        value={settings.density}
        options={{ normal: 'Normal', compact: 'Compact' }}
        onChange={(density) => preferences.change({ density })}
      />
      <SettingRow label="Single-key shortcuts">
        <Check
          label="On"
          checked={settings.shortcuts}
          onChange={(shortcuts) => preferences.change({ shortcuts })}
        />
      </SettingRow>
    </>
  );
}

/** Says what a reset deletes before it does, and takes it back while the dialog is open. */
function Reset() {
  const { preferences } = useDashboard();
  const favourites = useFavourites((it) => it.size);
  const [step, setStep] = useState<'idle' | 'asked' | Preferences>('idle');
  if (step === 'idle') {
    return <Button onClick={() => setStep('asked')}>Reset everything</Button>;
  }
  if (step === 'asked') {
    return (
      <div role="alert">
        <p>
          This resets all settings, the chosen columns and the read alerts
          {favourites > 0 && `, and deletes ${formatCountOf(favourites, 'favourite')}`}.
        </p>
        <p className="dialog-actions">
          <Button className="primary" onClick={() => setStep(preferences.reset())}>
            Reset
          </Button>
          <Button onClick={() => setStep('idle')}>Cancel</Button>
        </p>
      </div>
    );
  }
  return (
    <p role="status">
      Settings and favourites were reset.{' '}
      <TextButton
        onClick={() => {
          preferences.restore(step);
          setStep('idle');
        }}
      >
        Undo
      </TextButton>
    </p>
  );
}
