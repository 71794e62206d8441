import { useEffect, useState, type ComponentType, type ReactNode } from 'react';
import { TextButton } from './Button.tsx';
import { prefetchWhenIdle } from './prefetch.ts';

/**
 * A component in a chunk of its own. If the chunk cannot be loaded, offline or after an update of the server, a message
 * with a retry takes the place of the part: it never breaks the page around it. `frame` surrounds what is shown until
 * the part is there: `null` while it loads.
 */
export function lazyPart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  frame: (message: ReactNode, props: Props) => ReactNode = (message) => message,
): ComponentType<Props> {
  let Loaded: ComponentType<Props> | undefined;
  const loadOnce = async (): Promise<void> => {
    Loaded ??= await load();
  };
  prefetchWhenIdle(loadOnce);
  return function LazyPart(props: Props) {
    const [state, setState] = useState<'loading' | 'loaded' | 'failed'>(Loaded ? 'loaded' : 'loading');
    useEffect(() => {
      if (state !== 'loading') return;
      loadOnce().then(
        () => setState('loaded'),
        () => setState('failed'),
      );
    }, [state]);
    if (Loaded && state === 'loaded') return <Loaded {...props} />;
    return frame(state === 'failed' ? <Failed onRetry={() => setState('loading')} /> : null, props);
  };
}

function Failed({ onRetry }: { onRetry: () => void }) {
  return (
    <p role="alert" className="part-failed">
      This part of the page could not be loaded. If the server was updated, reload the page.{' '}
      <TextButton onClick={onRetry}>Try again</TextButton>
    </p>
  );
}
