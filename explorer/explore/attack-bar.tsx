import { useEffect, useState } from 'preact/hooks';
import type { ExploreAddress } from '../address.ts';
import type { Session } from '../session.ts';
import type { Go } from '../use-address.ts';
import { type Checking, shortestAttack } from './use-check.ts';

interface AttackBarProps {
  readonly session: Session;
  readonly checking: Checking;
  readonly at: number;
  readonly length: number;
  readonly address: ExploreAddress;
  readonly go: Go;
}

/** How long a played step is shown before the next, in milliseconds. */
const pause = 1200;

/** Finds a mutant's shortest attack and steps through it. */
export function AttackBar({ session, checking, at, length, address, go }: AttackBarProps) {
  const { check, run, stop } = checking;
  const [isPlaying, setPlaying] = useState(false);
  const attack = check.phase === 'done' ? shortestAttack(check.report) : undefined;
  useEffect(() => setPlaying(false), [session.system]);
  useEffect(() => {
    if (!isPlaying) return undefined;
    if (at >= length) {
      setPlaying(false);
      return undefined;
    }
    const timer = setTimeout(() => go({ ...address, at: at + 1 }, 'quietly'), pause);
    return () => clearTimeout(timer);
  }, [isPlaying, at, length]);
  const play = (path: readonly number[]): void => {
    go({ ...address, path, at: 0 });
    setPlaying(true);
  };
  const onPlay = (): void => {
    if (attack !== undefined) play(attack.path);
    else {
      run(report => {
        const found = shortestAttack(report);
        if (found !== undefined) play(found.path);
      });
    }
  };
  const isSearching = check.phase === 'running';
  return (
    <section class="attack" aria-label="the attack" aria-live="polite">
      {isPlaying ? (
        <button type="button" onClick={() => setPlaying(false)}>
          Pause
        </button>
      ) : (
        <button type="button" class="primary" onClick={isSearching ? stop : onPlay}>
          {isSearching ? 'Stop searching' : 'Play the attack'}
        </button>
      )}
      {isSearching ? <span>Searching for the shortest attack …</span> : null}
      {attack === undefined ? null : (
        <span>
          <strong>{attack.path.length === 1 ? 'One call' : `${attack.path.length} calls`}</strong> break it:{' '}
          {attack.why}
        </span>
      )}
      {check.phase === 'done' && attack === undefined ? (
        <span>No state of this size shows the bug.</span>
      ) : null}
      {check.phase === 'fault' ? <span class="bad">{check.message}</span> : null}
    </section>
  );
}
