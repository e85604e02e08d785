import type { Parameter, Parameters } from '../../systems/index.ts';
import { setText } from '../own-size.ts';
import type { Session } from '../session.ts';

interface SizeFormProps {
  readonly session: Session;
  readonly onSet: (set: string) => void;
}

interface FieldProps {
  readonly parameter: Parameter;
  readonly value: number | string;
  readonly onChange: (value: string) => void;
}

/** Ranges up to so many are chosen from, larger ones typed. */
const fewNumbers = 12;

/** A number in its range, or one of the parameter's words. */
function Field({ parameter, value, onChange }: FieldProps) {
  const { name, about, min, max, words = [] } = parameter;
  const isChoice = max - min < fewNumbers || words.length > 0;
  const numbers =
    max > min && isChoice ? Array.from({ length: max - min + 1 }, (_, at) => String(min + at)) : [];
  return (
    <label class="choice" title={about}>
      <span>{name}</span>
      {isChoice ? (
        <select value={String(value)} onChange={event => onChange(event.currentTarget.value)}>
          {[...numbers, ...words].map(each => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      ) : (
        <input
          type="number"
          min={min}
          max={max}
          value={String(value)}
          onChange={event => onChange(event.currentTarget.value)}
        />
      )}
    </label>
  );
}

/** A size of one's own, beginning with the one that is walked: each change starts over with it. */
export function SizeForm({ session, onSet }: SizeFormProps) {
  const { family, profile } = session;
  const valueOf = ({ name, initial, min }: Parameter): number | string =>
    profile.parameters[name] ?? initial ?? min;
  const whole: Parameters = Object.fromEntries(
    family.parameters.map(parameter => [parameter.name, valueOf(parameter)]),
  );
  return (
    <div class="sizes" role="group" aria-label="a size of your own">
      {family.parameters.map(parameter => (
        <Field
          key={parameter.name}
          parameter={parameter}
          value={valueOf(parameter)}
          onChange={value => onSet(setText({ ...whole, [parameter.name]: value }))}
        />
      ))}
    </div>
  );
}
