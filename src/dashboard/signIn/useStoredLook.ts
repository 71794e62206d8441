import { useEffect, useState } from 'react';
import { openMemory, type Settings } from '../shell/settings.ts';

/** The look that was chosen on the dashboard, on the pages that have no settings of their own. */
export function useStoredLook(): Settings {
  const [settings] = useState(() => openMemory().readSettings());
  const { theme, palette, motion, density } = settings;
  useEffect(() => {
    Object.assign(document.documentElement.dataset, { theme, palette, motion, density });
  }, [theme, palette, motion, density]);
  return settings;
}
