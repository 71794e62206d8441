import { useState } from 'react';
import { describeFault } from './changeKept.ts';

/** `attempt` resolves to whether its change was stored; `fault`: why the last one was not. */
export function useSaving() {
  const [fault, setFault] = useState('');
  async function attempt(change: Promise<unknown>): Promise<boolean> {
    const failure = await change.then(() => '', describeFault);
    setFault(failure);
    return failure === '';
  }
  return { fault, setFault, attempt };
}
