import { Banner } from './Banner.tsx';
import { TextButton } from './Button.tsx';
import { usePage } from './useDashboard.ts';

/** Shown after an update of the server. The page keeps working until it is reloaded. */
export function VersionBanner() {
  const hasNewVersion = usePage((it) => it.hasNewVersion);
  if (!hasNewVersion) return null;
  return (
    <Banner tone="neutral">
      A new version of this page is available.{' '}
      <TextButton onClick={() => window.location.reload()}>Reload</TextButton>
    </Banner>
  );
}
