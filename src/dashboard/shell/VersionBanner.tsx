import { Banner } from './Banner.tsx';
import { usePage } from './useDashboard.ts';

/** After an update of the server. The page goes on until the viewer reloads it. */
export function VersionBanner() {
  const hasNewVersion = usePage((it) => it.hasNewVersion);
  if (!hasNewVersion) return null;
  return (
    <Banner tone="neutral">
      A new version of this page is available.{' '}
      <button type="button" className="link" onClick={() => window.location.reload()}>
        Reload
      </button>
    </Banner>
  );
}
