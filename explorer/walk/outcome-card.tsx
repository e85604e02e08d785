import {
  type Access,
  type Cpu,
  type ExplainedBit,
  explainExit,
  type Outcome,
  touchedSubPages,
  explainOutcome,
  headline,
} from '../../model/ept/index.ts';
import { groupedHex } from '../../model/bits/index.ts';

interface OutcomeCardProps {
  readonly outcome: Outcome;
  readonly cpu: Cpu;
  readonly access: Access;
}

const toneOf = ({ kind }: Outcome): string =>
  kind === 'allowed' ? 'allowed' : kind.endsWith('misconfig') || kind === 'vmentry_fail' ? 'fault' : 'exit';

/** The exit reason and qualification of an outcome that has them. */
function exitOf(
  outcome: Outcome,
): { bits: readonly ExplainedBit[]; qualification: bigint; undefinedBits: bigint } | undefined {
  if (!('qualification' in outcome)) return undefined;
  const { qualification } = outcome;
  const reason = 'exitReason' in outcome ? outcome.exitReason : 48;
  const undefinedBits = 'undefinedBits' in outcome ? outcome.undefinedBits : 0n;
  return { bits: explainExit(reason, qualification).bits, qualification, undefinedBits };
}

function Qualification({ outcome }: { outcome: Outcome }) {
  const exit = exitOf(outcome);
  if (exit === undefined || exit.bits.length === 0) return null;
  const isUndefined = (bit: number): boolean => (exit.undefinedBits / 2n ** BigInt(bit)) % 2n === 1n;
  const sorted = [...exit.bits].sort((a, b) => Number(b.isSet) - Number(a.isSet) || a.bit - b.bit);
  return (
    <details class="qualification" open={exit.bits.length < 5}>
      <summary>
        exit qualification <code>{groupedHex(exit.qualification)}</code>
      </summary>
      <table class="fields">
        <thead>
          <tr>
            <th scope="col">bit</th>
            <th scope="col">value</th>
            <th scope="col">meaning</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ bit, isSet, meaning }) => (
            <tr key={bit} class={isSet ? '' : 'quiet'}>
              <td class="number">{bit}</td>
              <td class="value">{isUndefined(bit) ? '–' : isSet ? '1' : '0'}</td>
              <td>{isUndefined(bit) ? 'undefined here' : meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** What became of the access, why, and where that is written. */
export function OutcomeCard({ outcome, cpu, access }: OutcomeCardProps) {
  const { text, source } = explainOutcome(outcome, cpu);
  const subPages = touchedSubPages(access);
  return (
    <section class={`outcome ${toneOf(outcome)}`} aria-label="the outcome">
      <h2>{headline(outcome)}</h2>
      <p>
        Because {text}.{source === '' ? null : <span class="hint"> {source}</span>}
      </p>
      <p class="hint">
        {access.kind.replaceAll('_', ' ')} of {access.size} bytes at 0x{access.gpa.toString(16)}, sub-page
        {subPages.length === 1 ? '' : 's'} {subPages.join(', ')} of 0 to 31
      </p>
      <Qualification outcome={outcome} />
    </section>
  );
}
