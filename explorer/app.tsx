import { useErrorBoundary } from 'preact/hooks';
import { ExploreView } from './explore/explore-view.tsx';
import { type ExploreAddress, start } from './address.ts';
import { type Go, useAddress } from './use-address.ts';
import { sessionOf } from './session.ts';
import { WalkView } from './walk/walk-view.tsx';

/** The state space; where the system's own code fails, what it said. */
function Explore({ address, go }: { readonly address: ExploreAddress; readonly go: Go }) {
  const [error, forget] = useErrorBoundary();
  if (error !== undefined) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return (
      <main class="middle">
        <p class="bad" role="alert">
          This system failed here: {message}. <code>pagewarden check</code> names the file and the line.
        </p>
        <p>
          <button
            type="button"
            onClick={() => {
              go({ ...address, path: [], at: 0 });
              forget();
            }}
          >
            Back to the beginning
          </button>
        </p>
      </main>
    );
  }
  const session = sessionOf(address);
  return session === undefined ? null : <ExploreView address={address} session={session} go={go} />;
}

/** The page: two views under one head. */
export function App() {
  const [address, go] = useAddress();
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
      {address.view === 'walk' ? (
        <WalkView address={address} go={go} />
      ) : (
        <Explore address={address} go={go} />
      )}
    </>
  );
}
