import { useEffect, useRef } from 'react';

export type Shortcuts = Readonly<Partial<Record<string, () => void>>>;

/**
 * Keys of the whole page. Single keys can be switched off, because speech input types them; they never act while somebody
 * is typing.
 */
export function useShortcuts(keys: Shortcuts, singleKeys: boolean): void {
  const latest = useRef({ keys, singleKeys });
  latest.current = { keys, singleKeys };

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isTyping = (event.target as HTMLElement).closest(
        'input:not([type=checkbox]):not([type=radio]), select, textarea',
      );
      const { keys: actions, singleKeys: areOn } = latest.current;
      const withCtrl = event.ctrlKey || event.metaKey;
      const name = withCtrl
        ? `Ctrl+${event.key.toLowerCase()}`
        : event.key.length === 1
          ? event.key.toLowerCase()
          : event.key;
      const action = actions[name];
      if (!action || event.defaultPrevented || event.altKey) return;
      if (!withCtrl && name.length === 1 && (isTyping || !areOn)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
