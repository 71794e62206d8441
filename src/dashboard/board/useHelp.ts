import { useEffect, useState } from 'react';

type Help = typeof import('./help.ts');

/** The texts of the hints; `null` until their chunk is there, and if it cannot be loaded. */
export function useHelp(): Help | null {
  const [help, setHelp] = useState<Help | null>(null);
  useEffect(() => void import('./help.ts').then(setHelp, () => null), []);
  return help;
}
