import { systems } from '../../systems/index.ts';
import type { ExploreAddress } from '../address.ts';
import type { Session } from '../session.ts';

interface SessionBarProps {
  readonly session: Session;
  readonly onChoose: (chosen: Pick<ExploreAddress, 'system' | 'profile' | 'mutant'>) => void;
}

/** What is being walked: system, size, and one fault or none. */
export function SessionBar({ session, onChoose }: SessionBarProps) {
  const { family, profile, mutant } = session;
  return (
    <div class="session">
      <label class="choice">
        <span>system</span>
        <select value={family.name} onChange={event => onChoose({ system: event.currentTarget.value })}>
          {systems.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        <span>size</span>
        <select
          value={profile.name}
          onChange={event =>
            onChoose({
              system: family.name,
              profile: event.currentTarget.value,
              ...(mutant === undefined ? {} : { mutant: mutant.name }),
            })
          }
        >
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
                ? { profile: profile.name }
                : { mutant: event.currentTarget.value }),
            })
          }
        >
          <option value="">none: as specified</option>
          {family.mutants.map(({ name, about }) => (
            <option key={name} value={name} title={about}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <p class="about">{mutant === undefined ? profile.about : `${mutant.about} (${mutant.source})`}</p>
    </div>
  );
}
