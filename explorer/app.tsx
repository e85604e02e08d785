import { ExploreView } from './explore/explore-view.tsx';
import { start } from './address.ts';
import { useAddress } from './use-address.ts';
import { sessionOf } from './session.ts';
import { WalkView } from './walk/walk-view.tsx';

/** The page: two views under one head. */
export function App() {
  const [address, go] = useAddress();
  const session = address.view === 'explore' ? sessionOf(address) : undefined;
  const current = (view: string): 'page' | undefined => (address.view === view ? 'page' : undefined);
  return (
    <>
      <header class="head">
        <h1>pagewarden</h1>
        <nav aria-label="views">
          <button type="button" aria-current={current('explore')} onClick={() => go(start)}>
            Walk the states
          </button>
          <button type="button" aria-current={current('walk')} onClick={() => go({ view: 'walk' })}>
            Walk an access
          </button>
        </nav>
        <p class="hint">
          pKVM page ownership and EPT sub-page write permissions, the model itself in this page
        </p>
      </header>
      {address.view === 'walk' ? <WalkView address={address} go={go} /> : null}
      {address.view === 'explore' && session !== undefined ? (
        <ExploreView address={address} session={session} go={go} />
      ) : null}
    </>
  );
}
