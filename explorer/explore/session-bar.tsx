import type { Mutant } from '../../systems/index.ts';
import { shownSystems } from '../systems.ts';
import type { ExploreAddress } from '../address.ts';
import type { Session } from '../session.ts';
import { SizeForm } from './size-form.tsx';
import { useState } from 'preact/hooks';

interface SessionBarProps {
  readonly session: Session;
  readonly onChoose: (chosen: Pick<ExploreAddress, 'system' | 'profile' | 'set' | 'mutant'>) => void;
}

/** Bugs that real hypervisors had are named as the facts number them: B2, D1. */
const isReal = ({ name }: Mutant): boolean => /^[A-Z]\d+/.test(name);

const mostLetters = 70;

function Faults({ label, mutants }: { label: string; mutants: readonly Mutant[] }) {
  if (mutants.length === 0) return null;
  return (
    <optgroup label={label}>
      {mutants.map(({ name, about }) => {
        const text = `${name}: ${about}`;
        return (
          <option key={name} value={name}>
            {text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text}
          </option>
        );
      })}
    </optgroup>
  );
}

/** The size in the address. */
const sizeIn = ({ profile, set }: Session['asked']): Pick<ExploreAddress, 'profile' | 'set'> => ({
  ...(profile === undefined ? {} : { profile }),
  ...(set === undefined ? {} : { set }),
});

/** What is being walked: system, size, and one fault or none. A bug has a size of its own unless one was set. */
export function SessionBar({ session, onChoose }: SessionBarProps) {
  const { family, profile, mutant, asked } = session;
  const [isSizing, setSizing] = useState(asked.set !== undefined);
  return (
    <section class="session" aria-label="what is walked">
      <label class="choice">
        <span>system</span>
        <select value={family.name} onChange={event => onChoose({ system: event.currentTarget.value })}>
          {shownSystems().map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        <span>size</span>
        <select
          value={asked.set === undefined ? profile.name : ''}
          onChange={event =>
            onChoose({
              system: family.name,
              profile: event.currentTarget.value,
              ...(mutant === undefined ? {} : { mutant: mutant.name }),
            })
          }
        >
          {asked.set === undefined ? null : <option value="">your own</option>}
          {family.profiles.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        <span>with the bug</span>
        <select
          value={mutant?.name ?? ''}
          onChange={event =>
            onChoose({
              system: family.name,
              ...(event.currentTarget.value === ''
                ? sizeIn(asked)
                : {
                    ...(asked.set === undefined ? {} : sizeIn(asked)),
                    mutant: event.currentTarget.value,
                  }),
            })
          }
        >
          <option value="">none: as specified</option>
          <Faults label="seen in real hypervisors" mutants={family.mutants.filter(isReal)} />
          <Faults
            label="one thing left out or wrong"
            mutants={family.mutants.filter(mutant => !isReal(mutant))}
          />
        </select>
      </label>
      {family.parameters.length === 0 ? null : (
        <button type="button" class="link" aria-expanded={isSizing} onClick={() => setSizing(!isSizing)}>
          own size
        </button>
      )}
      {isSizing ? (
        <SizeForm
          session={session}
          onSet={set =>
            onChoose({
              system: family.name,
              ...(asked.profile === undefined ? {} : { profile: asked.profile }),
              set,
              ...(mutant === undefined ? {} : { mutant: mutant.name }),
            })
          }
        />
      ) : null}
      <p class="about">{mutant === undefined ? profile.about : `${mutant.about} (${mutant.source})`}</p>
    </section>
  );
}
