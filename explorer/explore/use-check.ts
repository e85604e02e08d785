import { useEffect, useRef, useState } from 'preact/hooks';
import type { Progress } from '../../checker/index.ts';
import { askWorker } from '../ask-worker.ts';
import type { CheckReport } from '../check-messages.ts';
import type { Session } from '../session.ts';

export type Check =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running'; readonly progress: Progress | undefined }
  | { readonly phase: 'stopped' }
  | { readonly phase: 'done'; readonly report: CheckReport }
  | { readonly phase: 'fault'; readonly message: string };

export interface Checking {
  readonly check: Check;
  /** Explores the session's system in a worker; `onDone` is told once, unless it is stopped before. */
  readonly run: (onDone?: (report: CheckReport) => void) => void;
  readonly stop: () => void;
}

/** The page's own check of the system that is being walked. Another system, and it starts over. */
export function useCheck({ asked, system }: Session): Checking {
  const [check, setCheck] = useState<Check>({ phase: 'idle' });
  const end = useRef<() => void>(() => undefined);
  useEffect(() => {
    setCheck({ phase: 'idle' });
    return () => end.current();
  }, [system]);
  const run: Checking['run'] = onDone => {
    end.current();
    setCheck({ phase: 'running', progress: undefined });
    end.current = askWorker({ ask: 'check', ...asked }, answer => {
      if (answer.answer === 'progress') setCheck({ phase: 'running', progress: answer.progress });
      if (answer.answer === 'fault') setCheck({ phase: 'fault', message: answer.message });
      if (answer.answer === 'checked') {
        setCheck({ phase: 'done', report: answer.report });
        onDone?.(answer.report);
      }
    });
  };
  const stop = (): void => {
    end.current();
    setCheck({ phase: 'stopped' });
  };
  return { check, run, stop };
}

/** The shortest path to something wrong that a check found: a violated property, or bits and protocol apart. */
export function shortestAttack(report: CheckReport): { path: readonly number[]; why: string } | undefined {
  const found = report.properties
    .filter(({ verdict }) => verdict === 'violated')
    .flatMap(({ path, name, why }) =>
      path === undefined ? [] : [{ path, why: why === undefined ? name : `${name}: ${why}` }],
    );
  const { disagreement } = report;
  if (disagreement !== undefined) found.push(disagreement);
  return found.sort((a, b) => a.path.length - b.path.length)[0];
}
