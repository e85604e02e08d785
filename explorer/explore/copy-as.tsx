import { resultText } from '../../graphs/result-text.ts';
import { useState } from 'preact/hooks';
import { toItf } from '../../graphs/itf.ts';
import { recordTrace } from '../../graphs/recorded-trace.ts';
import { toSequence } from '../../graphs/sequence.ts';
import type { Session, TakenStep } from '../session.ts';
import { oracleCalls } from './oracle-calls.ts';

interface CopyAsProps {
  readonly session: Session;
  readonly steps: readonly TakenStep[];
}

const formats = ['Mermaid', 'ITF', 'oracle calls', 'link'] as const;
type Format = (typeof formats)[number];

function textOf(format: Format, { session, steps }: CopyAsProps): string {
  const { family, profile, mutant, system } = session;
  const trace = { steps: steps.map(({ action, result, changes }) => ({ action, result, changes })) };
  switch (format) {
    case 'Mermaid':
      return toSequence(trace, { callee: 'pkvm', result: resultText });
    case 'ITF': {
      const origin = {
        system: family.name,
        profile: profile.name,
        parameters: profile.parameters,
        ...(mutant === undefined ? {} : { mutant: mutant.name }),
      };
      return toItf(recordTrace(system, trace, origin));
    }
    case 'oracle calls':
      return oracleCalls(steps);
    case 'link':
      return location.href;
  }
}

/** The path so far, for another tool. */
export function CopyAs(props: CopyAsProps) {
  // the oracle's calls are those of the page-state API
  const speaksToOracle = props.session.family.name === 'ownership';
  const [copied, setCopied] = useState<Format | undefined>();
  const [shown, setShown] = useState('');
  const copy = async (format: Format): Promise<void> => {
    const text = textOf(format, props);
    try {
      await navigator.clipboard.writeText(text);
      setCopied(format);
      setShown('');
      setTimeout(() => setCopied(undefined), 1500);
    } catch {
      setShown(text); // no clipboard in a page opened from a folder: the text is there to be copied by hand
    }
  };
  return (
    <div class="copy">
      <span class="hint">copy as</span>
      {formats
        .filter(format => format !== 'oracle calls' || speaksToOracle)
        .map(format => (
          <button
            key={format}
            type="button"
            aria-label={`copy as ${format}`}
            onClick={() => void copy(format)}
          >
            {copied === format ? 'copied' : format}
          </button>
        ))}
      {shown === '' ? null : <textarea aria-label="the text to copy" readOnly rows={8} value={shown} />}
    </div>
  );
}
