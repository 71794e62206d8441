import { Command } from 'cmdk';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Dialog } from '../shell/Dialog.tsx';
import { useColumns, useDashboard } from '../shell/useDashboard.ts';
import { actionsOf, listsOf, symbolsOf, type PaletteCommand } from './commands.ts';
import { rank } from './rank.ts';
import './palette.css';

/** Ctrl+K: finds a symbol or an action by a few of its letters. */
export function PaletteDialog({ onClose }: { onClose: () => void }) {
  const dashboard = useDashboard();
  const { shown: columns } = useColumns();
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  // After the dialog has opened, which focuses its first control.
  useEffect(() => field.current?.focus(), []);
  const actions = useMemo(() => actionsOf(dashboard, columns), [dashboard, columns]);
  const lists = useMemo(() => listsOf(dashboard), [dashboard]);
  const symbols = useMemo(() => symbolsOf(dashboard), [dashboard]);
  const groups = [
    { heading: 'Symbols', found: typed.trim() === '' ? [] : rank(symbols, typed) },
    { heading: 'Watchlists', found: typed.trim() === '' ? [] : rank(lists, typed) },
    { heading: 'Actions', found: typed.trim() === '' ? actions : rank(actions, typed) },
  ].filter((it) => it.found.length > 0);

  function choose({ run }: PaletteCommand): void {
    onClose();
    // After the dialog has returned the focus, which some commands move.
    setTimeout(() => void run(dashboard), 0);
  }

  return (
    <Dialog title="Go to" className="palette" onClose={onClose}>
      <Command label="Symbol or action" shouldFilter={false} loop>
        <Command.Input ref={field} value={typed} onValueChange={setTyped} placeholder="Symbol or action" />
        <Command.List label="Matches">
          {groups.length === 0 && <Command.Empty>No symbol, list or action matches.</Command.Empty>}
          {groups.map(({ heading, found }) => (
            <Command.Group key={heading} heading={heading}>
              {found.map((command) => (
                <Command.Item key={command.label} value={command.label} onSelect={() => choose(command)}>
                  {command.label}
                  <span className="muted">{command.hint}</span>
                </Command.Item>
              ))}
            </Command.Group>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  );
}
