import { useEffect, useRef, useState } from 'preact/hooks';
import type { SentenceVerdict } from '../../checker/index.ts';
import { askWorker } from '../ask-worker.ts';
import type { Session } from '../session.ts';

type ProofPhase =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running' }
  | { readonly phase: 'done'; readonly sentences: readonly SentenceVerdict[] }
  | { readonly phase: 'fault'; readonly message: string };

export interface ProofHere {
  readonly proof: ProofPhase;
  readonly run: () => void;
  readonly stop: () => void;
}

/** The page's own proof of the system that is being walked, for every size. Another system, and it starts over. */
export function useProof({ asked, system }: Session): ProofHere {
  const [proof, setProof] = useState<ProofPhase>({ phase: 'idle' });
  const end = useRef<() => void>(() => undefined);
  useEffect(() => {
    setProof({ phase: 'idle' });
    return () => end.current();
  }, [system]);
  const run = (): void => {
    end.current();
    setProof({ phase: 'running' });
    end.current = askWorker({ ask: 'prove', ...asked }, answer => {
      if (answer.answer === 'fault') setProof({ phase: 'fault', message: answer.message });
      if (answer.answer === 'proved') setProof({ phase: 'done', sentences: answer.sentences });
    });
  };
  const stop = (): void => {
    end.current();
    setProof({ phase: 'idle' });
  };
  return { proof, run, stop };
}
